// A thread's page keeps up: new answers are added below, without moving what is read; what was edited or taken back
// changes where it stands. #answers is a polite live region, so that what arrives is read out in its time.
const page = document.querySelector("[data-stream-thread]");
const answers = document.getElementById("answers");
const SETTLE_MS = 150; // several signals of one deed make one request
let wanted = null;
let timer = 0;
let shown = Number(page?.dataset.position ?? 0);

function busy(element) {
  return element.contains(document.activeElement) || [...element.querySelectorAll("textarea")].some((area) => area.value.trim());
}

function add(nodes, where) {
  for (const node of [...nodes]) {
    if (node.id && document.getElementById(node.id)) continue; // one's own, shown when it was sent
    where.append(node);
    window.htmx?.process(node);
  }
}

async function fetchPart(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, redirect: "manual" });
  if (answer.ok) return new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.status < 500) document.dispatchEvent(new CustomEvent("parvis:gone"));
  return null;
}

async function addNew() {
  const part = await fetchPart(`${page.dataset.answersUrl}?after=${shown}`);
  if (!part) return;
  for (const article of part.querySelectorAll("[data-position]")) shown = Math.max(shown, Number(article.dataset.position));
  for (const under of part.querySelectorAll("[hx-swap-oob^='beforeend:#']")) {
    const where = document.getElementById(under.getAttribute("hx-swap-oob").split("#")[1]);
    if (where) add(under.children, where);
    under.remove();
  }
  for (const whole of part.querySelectorAll("[id][hx-swap-oob='true']")) {
    const shownNow = document.getElementById(whole.id);
    whole.removeAttribute("hx-swap-oob");
    if (shownNow) shownNow.replaceWith(whole);
    else whole.remove();
  }
  if (!("cut" in answers.dataset)) add(part.body.children, answers); // cut: later pages follow, where they will stand
}

async function changeShown() {
  const fresh = await fetchPart(location.pathname + location.search);
  if (!fresh) return;
  for (const article of page.querySelectorAll("article[id]")) {
    const now = fresh.getElementById(article.id);
    if (now && now.outerHTML === article.outerHTML) continue;
    if (!document.contains(article) || busy(article)) continue;
    if (now) {
      article.replaceWith(now);
      window.htmx?.process(now);
    } else if (!article.querySelector("article")) {
      article.remove();
    }
  }
}

document.addEventListener("parvis:part", ({ detail }) => {
  if (!page || !answers || detail.thread !== page.dataset.streamThread) return;
  if (wanted !== "all") wanted = detail.verb === "Create" ? "new" : "all";
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const all = wanted === "all";
    wanted = null;
    if (all) await changeShown();
    await addNew();
  }, SETTLE_MS + Math.random() * SETTLE_MS);
});

document.addEventListener("parvis:stale", () => { if (page && answers) changeShown().then(addNew); });
