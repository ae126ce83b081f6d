// Times stay true on a page left open: "5 min ago" counts on, then becomes what the server foresaw (data-later);
// once midnight has passed, "this morning" would lie, so each time says its full date, which is its title.
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
// the page says what time it was for the server: the browser's own clock may be wrong, only its pace is used
const lead_ms = Date.parse(document.body.dataset.now) - Date.now();
const today = new Date().toDateString();

function tell(time) {
  const age_ms = Date.now() + lead_ms - Date.parse(time.dateTime);
  if (new Date().toDateString() !== today) {
    time.textContent = time.title;
  } else if (age_ms >= HOUR_MS) {
    time.textContent = time.dataset.later ?? time.textContent;
  } else if (age_ms >= MINUTE_MS) {
    time.textContent = document.body.dataset.ago.replace("#", Math.floor(age_ms / MINUTE_MS));
  }
}

const tellAll = () => document.querySelectorAll("time[data-when]").forEach(tell);

setInterval(tellAll, MINUTE_MS / 2);
document.addEventListener("visibilitychange", () => { if (!document.hidden) tellAll(); });
