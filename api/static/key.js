// Enrols a security key: on the login host for signing in, on the signing host for decisions.
import { send, told } from "./send.js";

const ticket = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const path = location.pathname.startsWith("/sign/") ? "/api/v1/sign/keys" : "/api/v1/keys";
const data = document.body.dataset;

async function enrol() {
  const { options } = await send(`${path}/options`, { ticket });
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  });
  const made = credential.toJSON();
  const done = await send(path, {
    ticket,
    id: made.id,
    client_data: made.response.clientDataJSON,
    attestation: made.response.attestationObject,
  });
  told(`${data.done} ${done.entry}`, false);
}

document.getElementById("enrol").addEventListener("click", () => {
  enrol().catch((error) => told(`${data.failed} ${error.message}`, true));
});
