// [data-print]: the browser's own printing, telephones included.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
