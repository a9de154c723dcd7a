"""What one host hands to the other: a decision to sign, a key to enrol, a witness's word.

A ticket is good once, for five minutes, and only while the session that made it lives.  Its secret
travels in the fragment of a link, which no server and no log ever sees.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.site import Site
from custody.decide import Proposal
from custody.entrance import Present, actor_of, secret_digest
from custody.requests import load_request
from custody.signing import challenge_of
from evidence.accounts import Ticket
from evidence.canonical import encode
from evidence.codec import format_time, parse_time
from evidence.entry import Draft, Private
from evidence.errors import NotSignedInError, UsageError
from evidence.json import Json, JsonObject
from evidence.people import Actor

TIME = timedelta(minutes=5)
SECRET_BYTES = 32
DRAFT, DISPOSAL, KEY, WITNESS = "draft", "disposal", "key", "witness"
# What is signed on the signing host, each with the type of its entry.
SIGNED: Mapping[str, str] = {DRAFT: "request.decided", DISPOSAL: "disposal.approved"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A ticket whose session lives: who made it, and what for."""

    actor: Actor
    content: Mapping[str, Json]

    @property
    def given_at(self) -> datetime:
        """Return when the ticket was given."""
        return parse_time(str(self.content["until"])) - TIME

    @property
    def type(self) -> str:
        """Return the type of the entry that waits for its signature."""
        return SIGNED[str(self.content["what"])]


def give(site: Site, who: Present, what: str, content: JsonObject) -> str:
    """Return the secret of a new ticket of whoever is signed in."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    until = format_time(site.desk.clock.now() + TIME)
    _put(
        site,
        who.actor.id,
        secret,
        {
            **content,
            "what": what,
            "session": who.session.token,
            "until": until,
        },
    )
    return secret


def take(site: Site, what: str | Collection[str], secret: str) -> Kept:
    """Return a ticket and use it up; raises ``NotSignedInError`` (``challenge_over``)."""
    wanted = {what} if isinstance(what, str) else set(what)
    now = site.desk.clock.now()
    ticket = site.accounts.tickets.take("sign", secret_digest(secret), now)
    content = json.loads(ticket.content) if ticket else {}
    session = site.accounts.sessions.find(str(content.get("session", "")))
    alive = ticket is not None and session is not None and session.person == ticket.person
    if session is None or not alive or content["what"] not in wanted:
        raise NotSignedInError("challenge_over")
    return Kept(actor_of(session), content)


def look(site: Site, what: str | Collection[str], secret: str) -> Kept:
    """Return a ticket and keep it: to show what will be signed.  It gets no more time by that."""
    held = take(site, what, secret)
    _put(site, held.actor.id, secret, dict(held.content))
    return held


def _put(site: Site, person: str, secret: str, content: JsonObject) -> None:
    until = parse_time(str(content["until"]))
    digest = secret_digest(secret)
    site.accounts.tickets.put(Ticket("sign", digest, person, until, encode(content)))


def draft_json(draft: Draft) -> JsonObject:
    """Return a decision that waits for its signature."""
    private = draft.private
    if private is None or private.salt is None:
        raise UsageError("proposal_malformed")
    return {
        "actor": draft.actor,
        "about": list(draft.about),
        "body": draft.body,
        "expect": dict(draft.expect),
        "of": private.of,
        "facts": private.facts,
        "salt": private.salt,
    }


def draft_of(held: Kept) -> Draft:
    """Return the entry that a ticket keeps; only tickets of ours are ever read."""
    kept: Mapping[str, Json] = held.content
    facts, body, expect = _object(kept, "facts"), _object(kept, "body"), _object(kept, "expect")
    private = Private(str(kept["of"]), facts, salt=str(kept["salt"]))
    expected = {name: index if isinstance(index, int) else None for name, index in expect.items()}
    about = kept["about"]
    ids = tuple(str(each) for each in about) if isinstance(about, list) else ()
    return Draft(held.type, str(kept["actor"]), ids, body, expected, private)


def proposal_of(site: Site, held: Kept) -> Proposal:
    """Return the answer that a ticket keeps."""
    draft = draft_of(held)
    requests = tuple(load_request(site.desk.ledger, each) for each in draft.expect)
    return Proposal(draft, challenge_of(draft), requests)


def _object(kept: Mapping[str, Json], field: str) -> JsonObject:
    value = kept[field]
    if not isinstance(value, dict):
        raise UsageError("proposal_malformed")
    return value
