"""An entry of the ledger, the draft it is made from, and the statement behind it (DESIGN 3.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from evidence.json import JsonObject

ENTRY_LIMIT_BYTES = 16 * 1024  # ours; 65,535 is the format's limit (C2SP tlog-tiles)
ABOUT_LIMIT = 100  # subjects of one entry; a longer act is several entries with one body.act

ENTRY_TYPES = (
    "ledger.started",  # entry 0: origin, verifier key, software
    "configuration.changed",  # what decides how recorders are read and judged, from here on
    "docking.opened",  # a recorder is in a slot: driver, identity, battery
    "inventory.taken",  # everything on it, and its clock, before the first byte
    "identity.observed",  # what the recorder's own log says, after the inventory
    "segment.sealed",  # first sighting of a segment: it is in custody
    "segment.seen",  # a further sighting of a segment that is in custody
    "segment.left",  # a file that stays on the recorder, and why
    "seams.judged",  # continuity between neighbouring segments of one docking
    "docking.certified",  # the recorder may forget exactly these
    "docking.erased",  # it forgot them, proven by a second listing
    "docking.ended",  # counts, outcome
    "alarm.raised",  # a digest differed, a fork was refused, …
    "clock.accepted",  # a person accepted a step of our own clock
    "audit.done",  # verdict and counts of an audit
    "organisation.founded",  # people are set up: the home is not open any more
    "unit.added",
    "unit.moved",  # another parent, another name, enforcing or not
    "person.enrolled",
    "person.corrected",  # name, numbers, certificate, unit
    "person.suspended",
    "person.restored",
    "role.granted",
    "role.revoked",
    "key.registered",  # a person's public key
    "key.revoked",
    "rules.adopted",  # who decides, what a recording is of: a file of rules by its digest
    "recorder.bound",  # own recorder of a person, or pooled recorder of a unit
    "recorder.unbound",
    "recorder.corrected",  # a binding that was begun or ended by mistake, as it should have been
    "handover.out",  # a person takes a recorder
    "handover.in",
    "holder.resolved",  # a person says who held the recorder of a sighting
    "segment.labelled",
    "gap.explained",
    "gap.answered",  # the explanation is accepted or returned
    "request.made",
    "request.withdrawn",
    "request.objected",  # by the owning unit of a retrieval from above: on record, no refusal
    "request.decided",  # with the approver's own signature
    "grant.withdrawn",
    "copy.opened",  # before the first byte leaves
    "copy.closed",  # what really left
    "access.refused",  # what was asked, and every rule in the way
    "session.opened",
    "session.closed",
    "sign_in.failed",  # aggregated: how many in a minute
    "password.changed",  # or its change refused
    "code.given",  # a one-time code was handed to somebody: who, to whom, never the code
    "access_log.read",  # by whom, and what they asked for
    "policy.proposed",  # a whole pack of rules of keeping, word for word
    "policy.adopted",  # by another person: it holds from here on
    "policy.withdrawn",  # a proposal that nobody adopted
    "hold.placed",  # kept beyond its period: segments, a case, or a window of time
    "hold.release_proposed",
    "hold.released",  # by another person; a fresh grace begins
    "hold.release_refused",
    "mark.resolved",  # an important mark needs no hold
    "proposal.declined",  # what a question proposed to hold needs no hold
    "case.closed",
    "case.reopened",
    "time.attested",  # a person says what day it is; two make an outside time
    "disposal.proposed",  # what is to be destroyed, segment by segment
    "disposal.approved",  # by another person; it can still be undone
    "disposal.undone",
    "disposal.decided",  # the keeper looks again at a part of the list, by what holds now
    "segment.disposed",  # the tombstone: the bytes of a segment may go, and why
    "segment.spared",  # it stays: something forbids it now
    "disposal.executed",  # the bytes are gone, and what each home answered
    "disposal.done",
    "week.closed",  # a unit's week as it stood: what is in custody, and what is not
    "alarm.acknowledged",  # a person has seen it, and says what became of it
)


@dataclass(frozen=True, slots=True)
class Private:
    """The private facts behind a draft; become a ``Statement`` in the ledger process.

    ``lines`` is a roll with names in it (an inventory): the entry's body gets ``roll`` with count
    and RFC 6962 root over the lines, each of which the ledger salts.
    """

    of: str  # subject whose key encrypts it
    facts: JsonObject = field(default_factory=dict)
    lines: tuple[JsonObject, ...] = ()
    salt: str | None = None  # 32 bytes, hex, of a writer who has signed the statement's digest


@dataclass(frozen=True, slots=True)
class Draft:
    """What a caller knows.  The ledger process gives seq, at, the indexes of about, and the salt.

    ``about`` names every subject that the entry concerns; ``expect`` says for any of them which
    last index the caller has seen (None: no entry yet); a difference refuses the whole append.
    """

    type: str
    actor: str  # p:… or sys:ingest|keeper|audit|local
    about: tuple[str, ...]
    body: JsonObject
    expect: Mapping[str, int | None] = field(default_factory=dict)
    private: Private | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """The entry's side of a statement: whose it is, and the SHA-256 (hex) of its plain bytes."""

    of: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf.  ``seq`` is its index; ``about`` maps subjects to their last entry before."""

    type: str
    station: str
    seq: int
    at: datetime  # UTC, milliseconds
    actor: str
    about: Mapping[str, int | None]
    statement: Commitment | None
    body: JsonObject


@dataclass(frozen=True, slots=True)
class Statement:
    """Private facts and roll lines, salted; kept encrypted, the entry only commits to them."""

    of: str
    salt: str  # 32 random bytes, hex
    facts: JsonObject
    lines: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where the drafts of one append stand, and the size of the durable tree that holds them."""

    indexes: tuple[int, ...]
    size: int
