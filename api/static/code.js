// Fills in the code of a printed link: it stands in the fragment, which no server and no log sees.
const code = location.hash.slice(1);
if (code) {
  document.querySelector("[name=code]").value = code;
  history.replaceState(null, "", location.pathname);
}
