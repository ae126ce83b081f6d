// form[data-once]: sent once. Its button is busy while it goes, and again itself when the page comes back or htmx has answered.
const busy = new Set();

function free(form) {
  busy.delete(form);
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once], form[method=post]") || event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-delete]")) return;
  if (busy.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  busy.add(form);
  form.setAttribute("aria-busy", "true");
  event.submitter?.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (!form || event.detail.requestConfig?.verb === "get") return; // "get": a part that it asked for while one fills it in
  free(form);
  if (event.detail.successful && form.matches("[data-once]") && form.isConnected) form.reset();
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) [...busy].forEach(free);
});
