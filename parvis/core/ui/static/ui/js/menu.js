// details[data-menu]: one open at a time, closed by Escape, by a click elsewhere or by leaving; arrows walk its entries.
const open = () => document.querySelectorAll("details[data-menu][open]");
const entries = (menu) => [...menu.querySelectorAll("a[href], button:not([disabled])")].filter((e) => e.getClientRects().length);

function close(menu, focus) {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) close(menu, false);
});

document.addEventListener("focusin", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) close(menu, false);
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    event.preventDefault();
    close(menu, true);
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (!step || event.target.matches("input, textarea, select")) return;
  if (!menu.open && Math.abs(step) !== 1) return;
  event.preventDefault();
  menu.open = true;
  const list = entries(menu);
  const here = list.indexOf(document.activeElement);
  const next = here < 0 && step === -1 ? list.length - 1 : Math.min(Math.max(here + step, 0), list.length - 1);
  list[next]?.focus();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (menu?.open) close(menu, true);
});
