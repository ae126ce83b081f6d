// The person may no longer see this page: it is loaded anew, which says so or asks to sign in. Words being written are
// not thrown away: then a notice asks to copy them first.
const ONCE_MS = 30_000;

document.addEventListener("parvis:gone", () => {
  const writing = [...document.querySelectorAll("textarea")].some((area) => area.value.trim() && area.value !== area.defaultValue);
  if (writing) {
    document.dispatchEvent(new CustomEvent("parvis:say", { detail: { text: document.body.dataset.refused, level: "warning" } }));
  } else if (Date.now() - Number(sessionStorage.getItem("parvis-left") ?? 0) > ONCE_MS) {
    sessionStorage.setItem("parvis-left", Date.now());
    location.reload();
  }
});
