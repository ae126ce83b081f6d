// A list says how much is new ("3 new", see ui/js/fresh.js) and shows it when asked: nothing moves under the eyes.
// [data-stream-feed="KEY"] is of one place; without a value, of all that one may see.  data-news-url: gives the pill anew.
const list = document.querySelector("[data-stream-feed]");

document.addEventListener("parvis:part", ({ detail }) => {
  if (!list || detail.verb !== "Create" || detail.mine || !detail.item) return;
  if (list.dataset.streamFeed && list.dataset.streamFeed !== detail.place) return;
  document.dispatchEvent(new CustomEvent("parvis:fresh", { detail: { count: 1, key: detail.thread } }));
});

document.addEventListener("parvis:stale", async () => {
  const pill = list?.querySelector("[data-fresh]");
  if (!pill || !list.dataset.newsUrl) return;
  const answer = await fetch(`${list.dataset.newsUrl}?since=${list.dataset.position}`, { redirect: "manual" });
  const now = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-fresh]") : null;
  if (now) pill.replaceWith(now);
});
