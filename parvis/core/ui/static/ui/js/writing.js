// textarea[data-grow] grows with its text where the browser does not do it by itself (field-sizing);
// form[data-ctrl-enter] is sent by Ctrl+Enter or Cmd+Enter; leaving a page with words not sent asks first;
// a link [data-reply-to="id of a textarea"] puts the cursor there.
const grows = !CSS.supports("field-sizing", "content");

function grow(area) {
  area.style.blockSize = "auto";
  area.style.blockSize = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

document.addEventListener("input", (event) => {
  if (grows && event.target.matches("textarea[data-grow]")) grow(event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest?.("form[data-ctrl-enter]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-reply-to]");
  const area = link && document.getElementById(link.dataset.replyTo);
  if (!area || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  area.focus();
  area.scrollIntoView({ block: "nearest" });
});

let sending = false;
document.addEventListener("submit", () => { sending = true; });
document.addEventListener("htmx:afterRequest", () => { sending = false; });
window.addEventListener("beforeunload", (event) => {
  const unsent = [...document.querySelectorAll("textarea[data-grow], form[data-unsent] textarea")].some((a) => a.value.trim() && a.value !== a.defaultValue);
  if (unsent && !sending) event.preventDefault();
});
