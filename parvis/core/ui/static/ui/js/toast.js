// Toasts leave by themselves after their reading time, never while pointed at or focused; warnings and errors stay until closed.
// Anyone may say something: document.dispatchEvent(new CustomEvent("parvis:say", {detail: {text, level}})).
const region = document.getElementById("messages");
const LEAST_MS = 5000;
const PER_CHARACTER_MS = 70;

function leave(toast) {
  if (toast.matches(":hover, :focus-within")) {
    setTimeout(leave, LEAST_MS, toast);
    return;
  }
  toast.classList.add("leaves");
  setTimeout(() => toast.remove(), 350);
}

function mind(toast) {
  if (toast.dataset.minded || toast.matches(".error, .warning")) return;
  toast.dataset.minded = "yes";
  setTimeout(leave, LEAST_MS + toast.textContent.length * PER_CHARACTER_MS, toast);
}

function say(text, level = "info") {
  const toast = document.createElement("div");
  toast.className = `toast ${level}`;
  toast.dataset.toast = "";
  const words = document.createElement("span");
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.closeToast = "";
  button.setAttribute("aria-label", document.body.dataset.close);
  button.textContent = "×";
  toast.append(words, button);
  for (const same of region.querySelectorAll(".toast")) if (same.textContent === toast.textContent) same.remove();
  region.append(toast);
}

region.querySelectorAll("[data-toast]").forEach(mind);
new MutationObserver(() => region.querySelectorAll("[data-toast]").forEach(mind)).observe(region, { childList: true });

document.addEventListener("click", (event) => event.target.closest("[data-close-toast]")?.closest("[data-toast]").remove());
document.addEventListener("parvis:say", (event) => say(event.detail.text, event.detail.level));
document.addEventListener("htmx:sendError", () => say(document.body.dataset.failed, "error"));
document.addEventListener("htmx:responseError", (event) => {
  const gone = [403, 404, 409, 410].includes(event.detail.xhr.status);
  say(gone ? document.body.dataset.refused : document.body.dataset.failed, "error");
});
