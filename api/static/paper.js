// Puts a chosen file into the form as text: forms are sent as text, and nothing else of it leaves.
const field = document.getElementById("file");
const said = document.getElementById("file-told");
const hint = said.textContent;
const place = (id) => document.getElementById(id);

function base64url(bytes) {
  let text = "";
  for (let from = 0; from < bytes.length; from += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
  }
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function take() {
  place("paper").value = "";
  place("paper_name").value = "";
  const [file] = field.files;
  const large = file !== undefined && file.size > Number(field.dataset.most);
  said.textContent = large ? field.dataset.large : hint;
  said.className = large ? "bad" : "hint";
  if (file === undefined || large) {
    field.value = "";
    return;
  }
  place("paper").value = base64url(new Uint8Array(await file.arrayBuffer()));
  place("paper_name").value = file.name.slice(0, 255);
}

place("paper-field").hidden = false;
field.addEventListener("change", take);
