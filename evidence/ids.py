"""Names of subjects and actors.  None of them says anything about a person or a place.

Segment ``s:`` + SHA-256; recorder ``r:`` and case ``c:`` + HMAC-SHA256 of the serial, or of the
case number, under the station's secret; docking ``d:``, request ``q:``, grant ``g:``, hold ``h:``,
disposal ``x:``, unit ``u:`` and person ``p:`` + 128 random bits; the box itself, whose
configuration is written down, ``b:`` + SHA-256 of the station's name; the keeping of this station,
of which there is one, ``k:`` + 32 zeros.  All in lower-case hex.
"""

import re
from hashlib import sha256

from evidence.errors import MalformedError

RANDOM_BYTES = 16
KINDS = "dqghxup"  # kinds of subjects whose id is random

_SUBJECT = re.compile(r"[srbc]:[0-9a-f]{64}|[dqghxup]:[0-9a-f]{32}|k:0{32}")
_ACTOR = re.compile(r"p:[0-9a-f]{32}|sys:(?:ingest|keeper|audit|local)")
_STATION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def new_id(kind: str, random16: bytes) -> str:
    """Return a new subject id of ``kind`` (one letter) from 16 random bytes."""
    if len(kind) != 1 or kind not in KINDS or len(random16) != RANDOM_BYTES:
        raise MalformedError("id_malformed", id=kind)
    return f"{kind}:{random16.hex()}"


def recorder_text(
    serial: str | None, maker: str | None, device: str | None, volume: str | None
) -> str | None:
    """Return the text behind a recorder's id: the best name that it has, or None."""
    if serial:
        return f"serial:{serial}"
    if device:
        return f"device:{maker or ''}:{device}"
    return f"volume:{volume}" if volume else None


def segment_id(sha256: str) -> str:
    """Return the subject id of the segment with this SHA-256 (hex)."""
    return f"s:{check_digest(sha256)}"


def configuration_id(station: str) -> str:
    """Return the subject id of a station's configuration."""
    return f"b:{sha256(check_station(station).encode()).hexdigest()}"


def check_subject(text: str) -> str:
    """Return ``text`` when it is a subject id, else raise ``MalformedError``."""
    if not _SUBJECT.fullmatch(text):
        raise MalformedError("id_malformed", id=text)
    return text


def check_actor(text: str) -> str:
    """Return ``text`` when it is an actor, else raise ``MalformedError``."""
    if not _ACTOR.fullmatch(text):
        raise MalformedError("actor_malformed", id=text)
    return text


def check_station(text: str) -> str:
    """Return ``text`` when it can name a station (it is part of the origin), else raise."""
    if not _STATION.fullmatch(text):
        raise MalformedError("station_malformed", id=text)
    return text


def check_digest(text: str) -> str:
    """Return ``text`` when it is a SHA-256 in lower-case hex, else raise ``MalformedError``."""
    if not _DIGEST.fullmatch(text):
        raise MalformedError("digest_malformed", id=text)
    return text
