"""People, units, roles, recorders, keys and rules, as documents."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from api.models import In, Moment, Out, PersonId
from custody.names import ALIASES_LIMIT, NAME_LIMIT, NUMBER_LIMIT
from evidence.people import Role, Use

LIST_LIMIT = 60_000  # characters of a list of handovers
Rules = Literal["access", "items"]
UnitId = Annotated[str, Field(pattern="^u:[0-9a-f]{32}$")]
RecorderId = Annotated[str, Field(pattern="^r:[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]
Number = Annotated[str, Field(max_length=NUMBER_LIMIT)]
Aliases = Annotated[list[Number], Field(max_length=ALIASES_LIMIT)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class NothingIn(In):
    """Nothing more needs to be said."""


class EnrolIn(In):
    """Somebody new."""

    name: Name
    unit: UnitId
    number: Number = ""
    certificate: Number | None = None
    certificate_until: date | None = None
    aliases: Aliases = Field(default_factory=list)


class CorrectIn(In):
    """Other facts about somebody; what is left out stays."""

    name: Name | None = None
    unit: UnitId | None = None
    number: Number | None = None
    certificate: Number | None = None
    certificate_until: date | None = None
    aliases: Aliases | None = None


class CodeForIn(In):
    """``account``: to sign in as; left out: the one before, else the number, else the name."""

    account: Annotated[str, Field(min_length=1, max_length=256)] | None = None


class PersonEntryOut(Out):
    """Somebody about whom an entry was written."""

    entry: int
    person: str


class CodeOut(PersonEntryOut):
    """A code that is good once.

    It is told once and kept nowhere: null where the same request is sent again.
    """

    account: str
    until: datetime
    code: str | None


class RoleOut(Out):
    """A role; ``entry`` names it, ``now``: held at this moment."""

    entry: int
    role: Role
    unit: str
    unit_name: str | None
    since: datetime
    until: datetime | None
    now: bool


class PersonOut(Out):
    """Somebody; names are null where their key is destroyed."""

    person: str
    name: str | None
    number: str | None
    aliases: list[str]
    certificate: str | None
    certificate_until: date | None
    certificate_expired: bool
    unit: str
    unit_name: str | None
    suspended: bool
    roles: list[RoleOut]


class PeopleOut(Out):
    """A page, whom the newest entry is about first; ``next`` goes into ``before``."""

    people: list[PersonOut]
    next: int | None


class UnitIn(In):
    """A new unit below ``parent``; ``enforcing``: its head decides (执法单位)."""

    name: Name
    parent: UnitId
    enforcing: bool = False


class ChangeUnitIn(In):
    """Another place, name, or right to decide; what is left out stays."""

    name: Name | None = None
    parent: UnitId | None = None
    enforcing: bool | None = None


class UnitEntryOut(Out):
    """A unit about which an entry was written."""

    entry: int
    unit: str


class SomebodyOut(Out):
    """An id with its name."""

    person: str
    name: str | None


class UnitOut(Out):
    """A unit, with who decides there now; ``depth`` 0 is the organisation."""

    unit: str
    name: str | None
    parent: str | None
    depth: int
    enforcing: bool
    heads: list[SomebodyOut]
    deputies: list[SomebodyOut]


class UnitsOut(Out):
    """Every unit, each below its own."""

    units: list[UnitOut]


class RoleIn(In):
    """A role from a moment (now) to another (until it is revoked; a deputy's has an end)."""

    person: PersonId
    role: Role
    unit: UnitId
    since: Moment | None = None
    until: Moment | None = None


class SerialIn(In):
    """The serial number of a recorder, as it tells it itself."""

    serial: Annotated[str, Field(min_length=1, max_length=200)]


class BindIn(In):
    """Whose own it is, or (``person`` left out) in which unit's pool; from ``since``, else now."""

    person: PersonId | None = None
    unit: UnitId | None = None
    since: Moment | None = None


class UnbindIn(In):
    """Until when it was bound, else now."""

    until: Moment | None = None


class HandIn(In):
    """Somebody takes a pooled recorder, or gives it back; at a time that is over, else now."""

    way: Literal["out", "in"]
    person: PersonId
    at: Moment | None = None
    due: Moment | None = None


class HandListIn(In):
    """CSV, as ``dockseal handover import`` takes it; recorders as ``r:…`` or ``serial:…``."""

    csv: Annotated[str, Field(max_length=LIST_LIMIT)]


class StoppedOut(Out):
    """The line of a list at which it stopped, and why."""

    line: int
    word: str


class HandListOut(Out):
    """What was written; what stands from ``stopped`` on was not."""

    rows: int
    entries: list[int]
    stopped: StoppedOut | None


class StayOut(Out):
    """A binding or a handover."""

    entry: int
    person: str | None
    name: str | None
    unit: str
    unit_name: str | None
    since: datetime
    until: datetime | None
    due: datetime | None
    late: bool


class RecorderOut(Out):
    """Whose a recorder is, who has it, how it was when it was last docked, and its past."""

    recorder: str
    bound: StayOut | None
    out: StayOut | None
    docked_at: datetime | None
    battery: int | None
    free_bytes: int | None
    clock_offset_ms: int | None
    bindings: list[StayOut]
    handovers: list[StayOut]


class KeyOut(Out):
    """A public key; ``revoked``: the entry that ended it."""

    entry: int
    person: str
    fmt: str
    use: Use
    credential: str
    public: str
    device_bound: bool | None
    revoked: int | None


class KeysOut(Out):
    """The keys of one person, oldest first."""

    keys: list[KeyOut]


class RulesFileOut(Out):
    """The file that is configured; ``adopted``: the ledger says that exactly this one holds."""

    name: str
    version: str
    sha256: str
    adopted: bool


class RulesOut(Out):
    """Who decides and for what may be asked; what a recording can be of."""

    access: RulesFileOut
    items: RulesFileOut


class AdoptIn(In):
    """Which file, by its digest: nobody adopts another one than they have read."""

    sha256: Digest


class NewPasswordIn(In):
    """The password that one has, and the new one."""

    password: Annotated[str, Field(max_length=1024)]
    new: Annotated[str, Field(max_length=1024)]
