// The only script of the only page that can ask for a signing key.  It shows what is signed.
const ticket = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const place = (id) => document.getElementById(id);

async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.word ?? String(answer.status));
  return said;
}

function fail(error) {
  place("told").textContent = `${document.body.dataset.failed} ${error.message}`;
  place("told").className = "bad";
}

// In plain words, from the same object that is shown below and signed.
function tell(type, entry) {
  const disposal = type === "disposal.approved";
  place("of-disposal").hidden = !disposal;
  place("of-answer").hidden = disposal;
  if (disposal) {
    place("list").textContent = entry.count;
    place("bytes").textContent = entry.bytes;
    place("undo").textContent = entry.undo_until;
    place("root").textContent = entry.root;
    return;
  }
  place("act").textContent = document.body.dataset[entry.act];
  place("count").textContent = entry.requests.length;
  place("until").textContent = entry.until;
  place("times").textContent = entry.times;
  place("hidden").textContent = entry.confidential_until ?? "–";
  for (const span of entry.spans) {
    const line = document.createElement("li");
    const part = span.first === null ? "" : ` ${span.first}–${span.last}`;
    line.textContent = span.segment + part;
    place("spans").append(line);
  }
}

function show(what) {
  tell(what.type, what.entry);
  place("digest").textContent = what.digest;
  place("asker").textContent = Object.values(what.names).join(", ");
  place("reason").textContent = what.reason;
  place("entry").textContent = JSON.stringify(what.entry, null, 2);
  place("sign").disabled = false;
}

async function sign(what) {
  place("sign").disabled = true;
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON({
      challenge: what.challenge,
      rpId: what.rp,
      userVerification: "required",
      timeout: 120000,
      allowCredentials: what.keys.map((key) => ({ type: "public-key", id: key.credential })),
    }),
  });
  const made = credential.toJSON();
  const key = what.keys.find((each) => each.credential === made.id).key;
  const envelope = {
    rp: what.rp,
    origin: location.origin,
    credential: made.id,
    client_data: made.response.clientDataJSON,
    authenticator_data: made.response.authenticatorData,
    signature: made.response.signature,
  };
  const done = await send("/api/v1/sign/decision", {
    ticket,
    approval: { fmt: "webauthn/1", key, envelope },
  });
  place("told").textContent = `${document.body.dataset.done} ${done.entry}`;
}

try {
  const what = await send("/api/v1/sign/proposal", { ticket });
  show(what);
  place("sign").addEventListener("click", () => sign(what).catch(fail));
} catch (error) {
  fail(error);
}
