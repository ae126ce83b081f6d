// The pill "3 new": whoever hears of news says so with
//   document.dispatchEvent(new CustomEvent("parvis:fresh", {detail: {count: 1, key}}))
// and the pill of the page, .pill[data-fresh], counts up (each key once) and shows itself. It is a link: following it shows them.
const known = new Set();

document.addEventListener("parvis:fresh", (event) => {
  const { count = 1, key } = event.detail ?? {};
  if (key) {
    if (known.has(key)) return;
    known.add(key);
  }
  for (const pill of document.querySelectorAll("[data-fresh]")) {
    const words = pill.querySelector("[data-count]");
    const n = Number(words.dataset.count) + count;
    words.dataset.count = n;
    const one = new Intl.PluralRules(document.documentElement.lang).select(n) === "one";
    words.textContent = (one ? pill.dataset.one : pill.dataset.many).replace("#", n);
    pill.hidden = false;
  }
});
