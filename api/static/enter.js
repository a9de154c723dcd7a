// Answers the challenge of a login key; the password was right already.
import { assertion, envelope, send, told } from "./send.js";

const data = document.body.dataset;

async function enter() {
  const credential = await assertion(data.challenge, data.rp, data.credentials.split(" "));
  await send(data.path, { challenge: data.challenge, envelope: envelope(credential, data.rp) });
  location.assign(data.then);
}

document.getElementById("enter").addEventListener("click", () => {
  enter().catch((error) => told(`${data.failed} ${error.message}`, true));
});
