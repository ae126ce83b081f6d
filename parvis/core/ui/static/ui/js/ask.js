// "/" puts the cursor in the question box, unless one is writing; Escape leaves it.
const box = () => document.querySelector("[data-ask] input");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const writing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
  if (event.key === "/" && !writing && box()) {
    event.preventDefault();
    box().focus();
    box().select();
  } else if (event.key === "Escape" && event.target === box()) {
    box().blur();
  }
});

// an empty question goes nowhere
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-ask]") && !event.target.elements.q.value.trim()) {
    event.preventDefault();
    box().focus();
  }
}, true);
