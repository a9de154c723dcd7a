// Sends JSON to our own API; a problem becomes an Error with its word.
export async function send(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) {
    throw new Error(said.word ?? String(answer.status));
  }
  return said;
}

export function envelope(credential, rp) {
  const made = credential.toJSON();
  return {
    rp,
    origin: location.origin,
    credential: made.id,
    client_data: made.response.clientDataJSON,
    authenticator_data: made.response.authenticatorData,
    signature: made.response.signature,
  };
}

export function assertion(challenge, rp, credentials) {
  return navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON({
      challenge,
      rpId: rp,
      userVerification: "required",
      timeout: 120000,
      allowCredentials: credentials.map((id) => ({ type: "public-key", id })),
    }),
  });
}

export function told(text, bad) {
  const place = document.getElementById("told");
  place.textContent = text;
  place.className = bad ? "bad" : "";
}
