// [data-dialog="id"] opens that dialog (a link or a submit button does its own work without this script);
// form[data-confirm="question"] asks first, the verb from data-confirm-do (data-confirm-needs: only if one of these boxes is ticked); a click beside a dialog closes it.
let asked = null;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail) event.target.close("");
  }
});

// in the capture phase, before htmx and send.js see the event
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  const needs = form.dataset.confirmNeeds;
  const has = !needs || [...form.elements].some((e) => e.name === needs && e.checked);
  if (!question || form === asked || !has) {
    asked = null;
    return;
  }
  const dialog = document.getElementById("confirm");
  event.preventDefault();
  event.stopImmediatePropagation();
  const yes = dialog.querySelector("[value=yes]");
  const verb = event.submitter?.dataset.confirmDo ?? form.dataset.confirmDo;
  dialog.querySelector("h2").textContent = question;
  yes.textContent = verb || yes.dataset.verb;
  yes.classList.toggle("danger", "danger" in form.dataset || event.submitter?.classList.contains("danger"));
  dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    asked = form;
    form.requestSubmit(event.submitter);
  }, { once: true });
  dialog.showModal();
}, true);
