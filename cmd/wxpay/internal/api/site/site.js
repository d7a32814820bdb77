// The search of the first page shows what it finds as somebody types.
"use strict";

(() => {
  const most = 50;
  const input = document.getElementById("words");
  const hits = document.getElementById("hits");
  const none = document.getElementById("none");
  const all = document.getElementById("all");

  const show = () => {
    const asked = input.value.trim() !== "";
    const found = window.wxpayFind(input.value).slice(0, most);
    hits.replaceChildren(...found.map((call) => {
      const link = document.createElement("a");
      link.href = "ops/" + call.f;
      const code = document.createElement("code");
      code.textContent = call.c;
      link.append(call.t + " ", code);
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
    all.hidden = asked;
    none.hidden = !asked || found.length > 0;
  };
  input.addEventListener("input", show);
  input.form.addEventListener("submit", (event) => event.preventDefault());
  show();
})();
