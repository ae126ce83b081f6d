// input[type=file]: a button in the language of the page (the browser's own speaks that of the browser), then the names chosen.
function dress(input) {
  if (input.dataset.dressed) return;
  input.dataset.dressed = "yes";
  input.classList.add("sr");
  const button = document.createElement("label");
  button.className = "btn small";
  button.htmlFor = input.id;
  button.textContent = document.body.dataset[input.multiple ? "chooseFiles" : "chooseFile"];
  const names = document.createElement("output");
  names.className = "small muted";
  const box = document.createElement("div");
  box.className = "file-choice";
  input.before(box);
  box.append(input, button, names);
  const show = () => (names.textContent = [...input.files].map((file) => file.name).join(", "));
  input.addEventListener("change", show);
  input.form?.addEventListener("reset", () => setTimeout(show));
  show();
}

const dressAll = () => document.querySelectorAll("input[type=file][id]").forEach(dress);
dressAll();
document.addEventListener("htmx:afterSettle", dressAll);
