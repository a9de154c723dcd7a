"""Security keys: enrolled with a witness beside, on the host that they are for.

The witness sits at a desk of their own and gives a word that is good once; nobody types a password
at somebody else's machine.  The library only parses; what is kept is verified by our own code.
"""

from hashlib import sha256

import webauthn
from fastapi import APIRouter, Request
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from api import tickets
from api.auth import OfSite, Signed
from api.models import EntryOut, TicketIn
from api.models_footage import (
    KeyOptionsOut,
    KeyTicketIn,
    KeyTicketOut,
    NewKeyIn,
    WitnessIn,
    WitnessOut,
)
from api.site import Site
from custody.hosts import name_of
from custody.keys import NewKey, register_key
from evidence.approval import WEBAUTHN, origins_of
from evidence.errors import CustodyError, NotSignedInError, ProofError, UsageError
from evidence.people import Actor, Use
from evidence.webauthn import base64url

router = APIRouter(tags=["keys"])
enrolling = APIRouter(tags=["keys"])
ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


@router.post("/keys/witness")
def bear_witness(body: WitnessIn, who: Signed, site: OfSite) -> WitnessOut:
    """Give a word that the person who enrols a key shows: the witness has seen who it is."""
    content = {"for": body.person}
    return WitnessOut(code=tickets.give(site, who, tickets.WITNESS, content))


@router.post("/keys/ticket")
def begin(body: KeyTicketIn, who: Signed, site: OfSite, request: Request) -> KeyTicketOut:
    """Begin to enrol one's own key; the witness's word is used up."""
    host = site.desk.hosts.sign if body.use == "sign" else site.desk.hosts.login
    if host is None:
        raise UsageError("key_unusable")
    witness = tickets.take(site, tickets.WITNESS, body.witness)
    if witness.content["for"] != who.actor.id:
        raise NotSignedInError("challenge_over")
    kept = {"use": body.use, "witness": str(witness.content["session"])}
    ticket = tickets.give(site, who, tickets.KEY, kept)
    path = "sign/key" if body.use == "sign" else "key"
    return KeyTicketOut(ticket=ticket, url=f"{request.url.scheme}://{host}/{path}")


def key_options(body: TicketIn, site: OfSite) -> KeyOptionsOut:
    """Return what the browser needs to make a key."""
    held = tickets.look(site, tickets.KEY, body.ticket)
    options = webauthn.generate_registration_options(
        rp_id=_rp(site, held),
        rp_name="Dockseal",
        user_id=held.actor.id.encode(),
        user_name=held.actor.id,
        challenge=_challenge(body.ticket),
        supported_pub_key_algs=ALGORITHMS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return KeyOptionsOut(options=webauthn.helpers.options_to_json_dict(options))


def enrol_key(body: NewKeyIn, site: OfSite) -> EntryOut:
    """Register the key that a browser has made."""
    held = tickets.take(site, tickets.KEY, body.ticket)
    key = _verified(site, held, body)
    session = site.accounts.sessions.find(str(held.content["witness"]))
    if session is None:
        raise NotSignedInError("challenge_over")
    witness = Actor(session.person, session.proved_at, session.where)
    return EntryOut(entry=register_key(site.desk, held.actor, held.actor.id, key, witness))


for path in ("/keys", "/sign/keys"):  # one for each host
    enrolling.post(f"{path}/options", name=f"options{path}")(key_options)
    enrolling.post(path, status_code=201, name=f"enrol{path}")(enrol_key)


def _verified(site: Site, held: tickets.Kept, body: NewKeyIn) -> NewKey:
    use: Use = "sign" if held.content["use"] == "sign" else "login"
    host = site.desk.hosts.sign if use == "sign" else site.desk.hosts.login
    rp = _rp(site, held)
    try:
        made = webauthn.verify_registration_response(
            credential={
                "id": body.id,
                "rawId": body.id,
                "type": "public-key",
                "response": {
                    "clientDataJSON": body.client_data,
                    "attestationObject": body.attestation,
                },
            },
            expected_challenge=_challenge(body.ticket),
            expected_rp_id=rp,
            expected_origin=sorted(origins_of(host)),
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except (WebAuthnException, ValueError) as error:
        raise ProofError("assertion_form") from error
    bound = made.credential_device_type == CredentialDeviceType.SINGLE_DEVICE
    public = base64url(made.credential_public_key)
    return NewKey(WEBAUTHN, use, base64url(made.credential_id), public, rp, bound)


def _rp(site: Site, held: tickets.Kept) -> str:
    hosts = site.desk.hosts
    rp = hosts.rp if held.content["use"] == "sign" else name_of(hosts.login or "")
    if not rp:
        raise CustodyError("key_unusable")
    return rp


def _challenge(ticket: str) -> bytes:
    """Return what a new key signs: nobody can know it who has not the ticket."""
    return sha256(b"dockseal key " + ticket.encode()).digest()
