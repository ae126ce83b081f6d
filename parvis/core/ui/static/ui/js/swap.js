// The focus survives an htmx swap: what had it and vanished gives it to the element of the same id, else to what replaced it;
// a summary of errors that arrives takes it, so that it is read.
let lost = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  const focused = document.activeElement;
  lost = event.detail.target.contains(focused) && focused !== document.body ? { id: focused.id, name: focused.getAttribute("name"), target: event.detail.target } : null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const arrived = event.detail.elt;
  const summary = arrived.querySelector?.(".summary[autofocus]") ?? (arrived.matches?.(".summary") ? arrived : null);
  if (summary) {
    summary.focus();
  } else if (lost && document.activeElement === document.body) {
    const same = lost.id ? document.getElementById(lost.id) : lost.name && arrived.querySelector?.(`[name="${CSS.escape(lost.name)}"]`);
    const heir = same ?? arrived;
    if (heir === arrived && !heir.matches("a[href], button, input, textarea, select, [tabindex]")) heir.setAttribute("tabindex", "-1");
    heir.focus({ preventScroll: true });
  }
  lost = null;
});
