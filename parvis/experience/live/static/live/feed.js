// A list says how much is new ("3 new", see ui/js/fresh.js) and shows it when asked: nothing moves under the eyes.
// [data-stream-feed="KEY"] is of one place; without a value, of all that one may see.
const list = document.querySelector("[data-stream-feed]");

document.addEventListener("parvis:part", ({ detail }) => {
  if (!list || detail.verb !== "Create" || detail.mine || !detail.item) return;
  if (list.dataset.streamFeed && list.dataset.streamFeed !== detail.place) return;
  document.dispatchEvent(new CustomEvent("parvis:fresh", { detail: { count: 1, key: detail.thread } }));
});

document.addEventListener("parvis:stale", () => {
  if (list) document.dispatchEvent(new CustomEvent("parvis:fresh", { detail: { count: 1, key: "all" } }));
});
