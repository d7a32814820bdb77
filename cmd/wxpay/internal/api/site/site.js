// The search of the first page: a call is found if it has every word.
"use strict";

(() => {
  const most = 50;
  const input = document.getElementById("words");
  const hits = document.getElementById("hits");
  const none = document.getElementById("none");
  const all = document.getElementById("all");
  const calls = window.wxpayCalls.map((call) => ({
    ...call,
    name: (call.t + " " + call.c).toLowerCase(),
    text: (call.t + " " + call.c + " " + call.w).toLowerCase(),
  }));

  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = calls
      .filter((call) => words.every((word) => call.text.includes(word)))
      .map((call) => ({ call, score: words.filter((word) => call.name.includes(word)).length }))
      .sort((a, b) => b.score - a.score)
      .slice(0, most);
    hits.replaceChildren(...(words.length === 0 ? [] : found.map(({ call }) => {
      const link = document.createElement("a");
      link.href = "ops/" + call.f;
      const code = document.createElement("code");
      code.textContent = call.c;
      link.append(call.t + " ", code);
      const item = document.createElement("li");
      item.append(link);
      return item;
    })));
    all.hidden = words.length > 0;
    none.hidden = words.length === 0 || found.length > 0;
  };
  input.addEventListener("input", show);
  input.form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
