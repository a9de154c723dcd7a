"""What a ``*.recorder.json`` says: the recorder that a simulation plays.

``{"image": "card.img", "identity": {"serial", "maker", "device", "officer", "unit"},
"clock_offset_ms": integer or null, "battery_percent": 0-100 or null, "wipe_only": boolean,
"rate_bytes_per_s": integer, "faults": [{"fault": "unplugged", "file": …, "bytes": …, "ms": …}]}``

Only ``image`` is needed: an image file or a folder, relative to the description.  A field of
another name is refused: a misspelt fault would be a test that proves nothing.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from drivers.claims import ClaimError, Claims
from drivers.faults import Injection
from evidence.errors import UnknownRecorderError
from evidence.recorders import Identity

SUFFIX = ".recorder.json"
LIMIT_BYTES = 1 << 20
MOST_FAULTS = 100
TEXT = 200  # characters of one field of the identity
MOST_OFFSET_MS = 10**13  # about 300 years
MOST_RATE = 10**12
UNKNOWN = Identity()
FIELDS = ("serial", "maker", "device", "officer", "unit")


@dataclass(frozen=True, slots=True)
class Description:
    """A recorder to be played."""

    image: Path
    identity: Identity = UNKNOWN
    clock_offset_ms: int | None = None
    battery_percent: int | None = None
    wipe_only: bool = False
    rate_bytes_per_s: int | None = None
    faults: tuple[Injection, ...] = ()


def read_description(path: Path) -> Description:
    """Return what the file says.

    Raises ``UnknownRecorderError``: ``description_unreadable``, or ``description_invalid`` with
    the name of the field that is wrong.
    """
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(LIMIT_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise UnknownRecorderError("description_unreadable", where=str(path)) from error
    try:
        return _description(Claims(value), path.parent)
    except ClaimError as error:
        field = str(error)
        raise UnknownRecorderError("description_invalid", where=str(path), field=field) from error


def _description(claims: Claims, folder: Path) -> Description:
    claims.only(
        "image", "identity", "clock_offset_ms", "battery_percent", "wipe_only",
        "rate_bytes_per_s", "faults",
    )  # fmt: skip
    image = Path(claims.text("image", TEXT))
    if image.is_absolute():  # a description travels with its image
        raise ClaimError("image")
    named = claims.fields.get("identity")
    identity = UNKNOWN if named is None else _identity(Claims(named, "identity"))
    return Description(
        image=folder / image,
        identity=identity,
        clock_offset_ms=claims.optional_integer("clock_offset_ms", MOST_OFFSET_MS, -MOST_OFFSET_MS),
        battery_percent=claims.optional_integer("battery_percent", 100),
        wipe_only=claims.flag("wipe_only") or False,
        rate_bytes_per_s=claims.optional_integer("rate_bytes_per_s", MOST_RATE, 1),
        faults=tuple(map(Injection.load, claims.many("faults", MOST_FAULTS))),
    )


def _identity(claims: Claims) -> Identity:
    claims.only(*FIELDS)
    values = {name: claims.optional_text(name, TEXT) for name in FIELDS}
    sources = tuple((name, "vendor") for name in FIELDS if values[name])
    return Identity(**values, sources=sources)
