// The page listens: [data-stream-thread="KEY"] on a thread's page, [data-stream-feed] on a list, with data-position, the
// position of the log that it shows. What arrives is said as events of the document, for the other modules:
//   parvis:part {thread, item, verb, place, starts, mine}   parvis:stale (the whole page)   parvis:gone (one may not stay)
// A ticket good for a minute is fetched before each connection. Nothing is lost without it: the page merely does not move.
const page = document.querySelector("[data-stream-thread], [data-stream-feed]");
const HIDDEN_MS = 60_000; // a page out of sight listens no longer
const LONGEST_MS = 60_000;
let after = page?.dataset.position ?? "";
let source = null;
let failures = 0;
let retry = 0;
let hiding = 0;

const say = (name, detail) => document.dispatchEvent(new CustomEvent(`parvis:${name}`, { detail }));
const jitter = (ms) => ms * (0.5 + Math.random());

function close() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

function again() {
  close();
  failures += 1;
  retry = setTimeout(connect, jitter(Math.min(1000 * 2 ** failures, LONGEST_MS)));
}

async function address() {
  const slug = location.pathname.split("/")[1];
  const thread = page.dataset.streamThread ?? "";
  const answer = await fetch(`/${slug}/live/ticket?thread=${thread}`, { headers: { Accept: "application/json" }, redirect: "manual" });
  if (answer.ok) return (await answer.json()).url;
  if (answer.status < 500) say("gone"); // signed out, or the thread is no longer for this person
  else throw new Error(`${answer.status}`);
  return null;
}

async function connect() {
  close();
  let url;
  try {
    url = await address();
  } catch {
    return again();
  }
  if (!url) return;
  source = new EventSource(`${url}&after=${after}`);
  const told = (act) => (event) => {
    after = event.lastEventId || after;
    act(event);
  };
  source.addEventListener("hello", told(() => { failures = 0; document.documentElement.dataset.live = "on"; }));
  source.addEventListener("part", told((event) => say("part", JSON.parse(event.data))));
  source.addEventListener("reload", told(() => say("stale")));
  source.addEventListener("gone", () => { close(); retry = setTimeout(say, jitter(500), "gone"); });
  source.addEventListener("error", () => {
    delete document.documentElement.dataset.live;
    // The browser comes back by itself while the connection was merely cut; its ticket is soon too old for that.
    again();
  });
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(close, HIDDEN_MS);
  else if (!source) connect();
});
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
if (page && "EventSource" in window) connect();
