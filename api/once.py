"""A POST that may be sent again: the same key and the same request give the same answer."""

import hashlib
import json
from collections.abc import Callable
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel

from api.site import Site
from custody.entrance import Present
from evidence.canonical import encode
from evidence.errors import EvidenceError, LedgerUnavailableError
from evidence.json import JsonObject

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern="^[0-9A-Za-z_-]{8,64}$",
        description="Chosen by the client, new for each act; kept for 24 hours.",
    ),
]


def once(
    site: Site, who: Present, key: str, asked: JsonObject, act: Callable[[], BaseModel]
) -> JsonObject:
    """Return the answer to ``asked``, which is done once for each key of a person.

    Raises ``ConflictError`` (``idempotency_other``, ``idempotency_busy``) and as ``act`` does.  An
    act that was refused is let go of; one whose outcome nobody knows is not.
    """
    person, answers = who.actor.id, site.accounts.answers
    fingerprint = hashlib.sha256(encode(asked)).hexdigest()
    given = answers.claim(person, key, fingerprint, site.desk.clock.now())
    if given is None:
        try:
            given = act().model_dump_json().encode()
        except LedgerUnavailableError:
            raise
        except EvidenceError:
            answers.release(person, key)
            raise
        answers.give(person, key, given)
    answer = json.loads(given)
    return answer if isinstance(answer, dict) else {}
