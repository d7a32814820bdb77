// Finds calls as wxpay api search does: package openapi has the same rules in Go, and a
// test compares what both find.
"use strict";

(() => {
  const shortest = 4; // bytes of the shortest term that matches a part of a word
  const later = 0.8; // how much less each further term of a word counts

  const { calls, fields, thesaurus, noise, folds } = window.wxpaySite;
  const pairs = new Map();
  const sources = folds.filter((_, i) => i % 2 === 0);
  sources.forEach((from, i) => pairs.has(from) || pairs.set(from, folds[2 * i + 1]));
  const misspelled = new RegExp(sources.join("|"), "g");

  const fold = (text) => text
    .replace(/\u3000/g, " ")
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .toLowerCase()
    .replace(misspelled, (from) => pairs.get(from))
    .replaceAll("转账单", "转账 单");
  const compact = (name) => name.replace(/[-_]/g, "");
  const isLatin = (run) => !/^\p{Script=Han}/u.test(run);
  const size = (text) => new TextEncoder().encode(text).length;
  const length = (text) => [...text].length;
  const wordsOf = (text) => text.trim().split(/\s+/).filter(Boolean);
  const latinWords = (text) => text.match(/(?:(?!\p{Script=Han})[\p{L}\p{Nd}])+/gu) ?? [];

  const fieldNames = fields.map(([name]) => compact(name.toLowerCase()));
  const fieldLabels = fields.map(([, label]) => fold(label));
  const singular = (word) => word.replace(/s$/, "");
  const index = calls.map((call) => {
    const [method, template] = call.c.split(" ");
    const e = { call, method, template: fold(template), title: fold(call.t), tags: fold(call.g), common: call.k, request: call.q, response: call.r };
    e.titleSize = length(e.title);
    e.words = latinWords(e.title);
    const segments = e.template.split("/").filter(Boolean).map((segment) => segment.replace(/^\{(.*)\}$/, "$1"));
    e.segments = [...new Set(segments.flatMap((name) => [compact(name), ...latinWords(name)]))].map((word) => ({ word, one: singular(word) }));
    return e;
  });

  // The thesaurus by name. The terms of noise are null.
  const names = new Map();
  const latinNames = [];
  let longest = 0;
  const add = (name, seek) => {
    name = compact(fold(name));
    names.set(name, seek);
    longest = Math.max(longest, length(name));
    if (seek && isLatin(name)) latinNames.push(name);
  };
  for (const [all, seek] of thesaurus) {
    const list = wordsOf(seek).map((term) => (term.toUpperCase() === term && isLatin(term) ? term : compact(fold(term))));
    wordsOf(all).forEach((name) => add(name, list));
  }
  wordsOf(noise).forEach((name) => add(name, null));
  let known; // all Latin words, those of the thesaurus first
  const allKnown = () => {
    if (!known) {
      const found = new Set(fieldNames);
      for (const e of index) {
        e.words.forEach((word) => found.add(word));
        e.segments.forEach(({ word }) => found.add(word));
      }
      known = [...latinNames, ...[...found].sort()];
    }
    return known;
  };

  // routes are the paths of a method, as they are sent.
  const routes = {};
  for (const e of index) {
    let at = (routes[e.method] ??= { next: new Map() });
    for (const segment of e.call.c.split(" ")[1].replace(/^v2\//, "").split("/")) {
      const key = /^\{.*\}$/.test(segment) ? "{}" : segment;
      if (!at.next.has(key)) at.next.set(key, { next: new Map() });
      at = at.next.get(key);
    }
    at.entry ??= e;
  }
  const match = (at, segments) => {
    if (!at) return undefined;
    if (segments.length === 0) return at.entry;
    const [first, ...rest] = segments;
    return match(at.next.get(first), rest) ?? (first === "" ? undefined : match(at.next.get("{}"), rest));
  };

  // pathOf returns the part of a template that text is, without the host, or "".
  const pathOf = (text) => {
    if (!text.includes("/")) return "";
    const [, after] = text.match(/:\/\/(.*)$/) ?? [];
    if (after !== undefined) text = after.includes("/") ? after.slice(after.indexOf("/") + 1) : "";
    text = text.split("?")[0].replace(/^\/+|\/+$/g, "");
    if (text === "" || index.some((e) => e.template.includes(text))) return text;
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      const e = match(routes[method], text.replace(/^v2\//, "").split("/"));
      if (e) return e.template;
    }
    return "";
  };

  // cutHan cuts Chinese at the names of the thesaurus.
  const cutHan = (run) => {
    const words = [];
    const idle = [];
    const runes = [...run];
    let rest = "";
    const flush = () => {
      if (length(rest) > 1 || (rest !== "" && words.length === 0)) words.push({ terms: [rest], whole: run });
      rest = "";
    };
    for (let i = 0; i < runes.length;) {
      let n = Math.min(longest, runes.length - i);
      while (n > 0 && !names.has(runes.slice(i, i + n).join(""))) n--;
      if (n === 0) {
        rest += runes[i++];
        continue;
      }
      const name = runes.slice(i, i + n).join("");
      const seek = names.get(name);
      i += n;
      if (length(rest) > 1) flush();
      if (seek === null) {
        idle.push({ terms: [name] });
        continue;
      }
      rest = "";
      words.push({ terms: [name, ...seek], whole: run });
    }
    flush();
    return [words, idle];
  };

  const distance = (a, b) => {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      row = next;
    }
    return row[b.length];
  };

  // nearest returns the known word that a mistyped one was probably meant to be, or "".
  const nearest = (word) => {
    let best = "";
    let least = 3;
    for (const name of allKnown()) {
      if (Math.abs(length(name) - length(word)) > 2) continue;
      const d = distance([...word], [...name]);
      if (d < least && d * 2 <= Math.max(size(word), size(name))) [best, least] = [name, d];
    }
    return best;
  };

  // latin returns what a Latin word stands for, or null if it is noise.
  const latin = (text) => {
    if (names.has(text)) return names.get(text) && { terms: [text, ...names.get(text)] };
    if (size(text) < shortest || allKnown().some((name) => name.includes(text))) return { terms: [text] };
    const near = nearest(text);
    return near[0] === text[0] ? { terms: [near, ...(names.get(near) ?? [])] } : { terms: [text] };
  };

  // joinLatin gives the Latin words their other names, with those of two or three words.
  const joinLatin = (words) => {
    const joined = [];
    const plain = (i) => i < words.length && !words[i].path && words[i].terms.length === 1 && isLatin(words[i].terms[0]);
    for (let i = 0; i < words.length; i++) {
      if (!plain(i)) {
        joined.push(words[i]);
        continue;
      }
      let n = 1;
      while (n < 3 && plain(i + n)) n++;
      for (; n > 1; n--) {
        const name = words.slice(i, i + n).map((w) => compact(w.terms[0])).join("");
        if (names.get(name)) {
          joined.push({ terms: [name, ...names.get(name)] });
          break;
        }
      }
      if (n > 1) {
        i += n - 1;
        continue;
      }
      const word = latin(compact(words[i].terms[0]));
      if (word) joined.push(word);
    }
    return joined.length > 0 ? joined : words;
  };

  const parse = (text) => {
    const words = [];
    const idle = [];
    for (const part of wordsOf(fold(text))) {
      const path = pathOf(part);
      if (path) {
        words.push({ path, terms: [] });
        continue;
      }
      for (const run of part.match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{Nd}_-])+/gu) ?? []) {
        if (compact(run) === "") continue; // a dash between words
        if (isLatin(run)) {
          words.push({ terms: [run] });
          continue;
        }
        const [some, noise] = cutHan(run);
        words.push(...some);
        idle.push(...noise);
      }
    }
    const joined = joinLatin(words);
    return joined.length > 0 ? joined : idle;
  };

  // cutPairs cuts the Chinese of words into overlapping pairs of characters.
  const cutPairs = (words) => words.flatMap((w) => {
    const runes = [...(w.terms[0] ?? "")];
    if (w.path || w.terms.length > 1 || isLatin(w.terms[0]) || runes.length < 3) return [w];
    return runes.slice(1).map((rune, i) => ({ terms: [runes[i] + rune] }));
  });

  // A term is what is asked of each call, with how well each field matches it.
  const termOf = (text) => {
    const term = { text, latin: isLatin(text), long: size(text) >= shortest, length: length(text), one: singular(text) };
    term.fields = fieldNames.map((name, i) => {
      if (term.latin && name === text) return 8;
      return term.long && ((term.latin && name.includes(text)) || fieldLabels[i].includes(text)) ? 4 : 0;
    });
    return term;
  };

  const rateTitle = (e, term) => {
    if (term.latin) return e.words.includes(term.text) ? 20 : 0;
    return e.title.includes(term.text) ? 12 + (12 * term.length) / e.titleSize : 0;
  };
  const rateTemplate = (e, term) => {
    if (!term.latin) return 0;
    let best = 0;
    for (const { word, one } of e.segments) {
      if (one === term.one) return 16;
      if (!term.long) continue;
      if (word.startsWith(term.text)) best = Math.max(best, 10);
      else if (word.includes(term.text)) best = Math.max(best, 8);
    }
    return best;
  };
  const rateFields = (list, term) => list.reduce((best, i) => Math.max(best, term.fields[i]), 0);

  // rate rates how well a call matches a word: by its title, template, products and roles,
  // or else by its fields.
  const rate = (e, word) => {
    if (word.path) return [e.template.includes(word.path) ? 30 : 0, 0];
    let [title, template, tags, weight] = [0, 0, 0, 1];
    for (const term of word.terms) {
      if (term.text === e.method) {
        template = Math.max(template, weight * 4);
        continue;
      }
      title = Math.max(title, weight * rateTitle(e, term));
      template = Math.max(template, weight * rateTemplate(e, term));
      tags = Math.max(tags, weight * (term.long && e.tags.includes(term.text) ? 8 : 0));
      weight *= later;
    }
    const plain = title + template + tags + (word.whole && e.title.includes(word.whole) ? 8 : 0);
    if (plain > 0) return [plain, 0];
    let found = 0;
    weight = 1;
    for (const term of word.terms) {
      found = Math.max(found, weight * rateFields(e.request, term), (weight * rateFields(e.response, term)) / 4);
      weight *= later;
    }
    return [0, found];
  };

  // search returns the calls that match more than half of the words.
  const search = (asked) => {
    const words = asked.map((word) => ({ ...word, terms: word.terms.map(termOf) }));
    const hits = [];
    for (const entry of index) {
      const h = { entry, found: 0, plain: 0, score: 0 };
      for (const word of words) {
        const [plain, byFields] = rate(entry, word);
        if (plain > 0) h.plain++;
        if (plain + byFields > 0) h.found++;
        h.score += plain + byFields;
      }
      if (h.found * 2 <= words.length) continue;
      if (h.plain === words.length) h.score += entry.common;
      hits.push(h);
    }
    return hits;
  };

  // wxpayFind returns the calls that match words, best first.
  window.wxpayFind = (text) => {
    const words = parse(text);
    if (words.length === 0) return [];
    let hits = search(words);
    if (hits.length === 0) hits = search(cutPairs(words));
    const most = Math.max(0, ...hits.map((h) => h.found));
    return hits.filter((h) => h.found === most)
      .sort((a, b) => b.plain - a.plain || b.score - a.score || size(a.entry.template) - size(b.entry.template))
      .map((h) => h.entry.call);
  };
})();
