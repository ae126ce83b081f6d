// "/" puts the cursor in the question box, unless one is writing; arrows walk what it offers; Escape leaves it.
const box = () => document.querySelector("[data-ask] input");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const writing = event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
  if (event.key === "/" && !writing && box()) {
    event.preventDefault();
    box().focus();
    box().select();
  } else if (event.key === "Escape" && event.target === box() && !document.querySelector(".ask-offers a")) {
    box().blur();
  }
});

document.addEventListener("keydown", (event) => {
  const ask = event.target.closest?.("[data-ask]");
  if (!ask || !["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) return;
  const stops = [box(), ...ask.querySelectorAll(".ask-offers a")];
  const here = stops.indexOf(event.target);
  if (event.key === "Escape") {
    ask.querySelector(".ask-offers")?.replaceChildren();
    stops[0].focus();
  } else if (stops.length > 1) {
    event.preventDefault();
    stops[(here + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length].focus();
  }
});

// an empty question goes nowhere
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-ask]") && !event.target.elements.q.value.trim()) {
    event.preventDefault();
    box().focus();
  }
}, true);
