"""A desk with people around it: a small bureau, written with drafts as ``dockseal setup`` would.

``small_bureau(House(tmp_path))`` stands on the real stores; ``small_bureau(MemoryHouse())`` is the
same in memory, for tests that need many.  Ids are made from words: ``person("head")``.

    the organisation      chief (head), acting (deputy), inspector (auditor), watcher (overseer),
     |                    searcher (supervisor), admin, second_admin
     +- EAST  enforcing   head, deputy (tomorrow to in a week), supervisor
     |   +- SQUAD         officer, mate (officer), leader (head of the squad: decides nothing)
     +- WEST  enforcing   west_head, west_supervisor, west_officer
"""

from base64 import urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from custody.desk import AccessRules, Deciding, Desk, Hosts, PurposeRule
from custody.tenure import kit_id, tenure_id
from evidence.asking import PURPOSES
from evidence.codec import format_time
from evidence.entry import Draft, Private
from evidence.ids import recorder_text
from evidence.people import ORGANISATION, Actor
from evidence.recorders import Identity
from ingest.session import dock
from ingest.tools import Plan, Rules, Tools
from tests.fakes.clock import NOON, FixedClock
from tests.fakes.house import PATTERNS, SHANGHAI, Heard, House, NoParsers
from tests.fakes.ledger import MemoryLedger
from tests.fakes.meter import MemoryMeter
from tests.fakes.objects import MemoryObjects
from tests.fakes.recorder import MemoryRecorder
from vault.places import places_of
from vault.tiles import TreeFolder

LONG_AGO = NOON - timedelta(days=100)
SERIAL = "T000001"


def person(name):
    return "p:" + sha256(f"person {name}".encode()).hexdigest()[:32]


def unit(name):
    return "u:" + sha256(f"unit {name}".encode()).hexdigest()[:32]


EAST, SQUAD, WEST = unit("east"), unit("squad"), unit("west")
UNITS = ((EAST, ORGANISATION, True), (SQUAD, EAST, False), (WEST, ORGANISATION, True))
PEOPLE = {  # who: (belongs to, holds)
    "chief": (ORGANISATION, "head"),
    "acting": (ORGANISATION, "deputy"),
    "inspector": (ORGANISATION, "auditor"),
    "watcher": (ORGANISATION, "overseer"),
    "searcher": (ORGANISATION, "supervisor"),
    "admin": (ORGANISATION, "admin"),
    "second_admin": (ORGANISATION, "admin"),
    "head": (EAST, "head"),
    "deputy": (EAST, "deputy"),
    "supervisor": (EAST, "supervisor"),
    "leader": (SQUAD, "head"),
    "officer": (SQUAD, "officer"),
    "mate": (SQUAD, "officer"),
    "west_head": (WEST, "head"),
    "west_supervisor": (WEST, "supervisor"),
    "west_officer": (WEST, "officer"),
}
TERMS = {"deputy": (timedelta(days=1), timedelta(days=8))}  # from NOON; the others without end
SIGNERS = ("chief", "acting", "head", "deputy", "west_head")
PURPOSE_ROWS = {
    "case": PurposeRule("case", "18"),
    "review": PurposeRule("review", "18", hold=5),
    "litigation": PurposeRule("litigation", "17", hold=2),
    "complaint": PurposeRule("complaint", "17", hold=2),
    "court": PurposeRule("court", "19", hold=1, letter=True),
}
RULES = AccessRules(
    "test",
    "1",
    "0" * 64,
    {
        name: Deciding(name, "18")
        for name in ("own_unit", "other_unit", "retrieval", "above", "deputy")
    },
    {code: PURPOSE_ROWS.get(code, PurposeRule(code, "18")) for code in PURPOSES},
    demo_keys=True,
)


class NoTiles:
    """A tree of which nothing has been published."""

    def checkpoint(self):
        return None

    def read(self, path):
        del path

    def names(self):
        yield from ()


class MemoryHouse:
    """As much of ``House`` as a desk needs, in memory."""

    def __init__(self, clock=None):
        self.clock = clock or FixedClock()
        self.ledger = MemoryLedger(clock=self.clock)
        self.objects = MemoryObjects()
        self.tiles = NoTiles()
        rules = Rules(PATTERNS, SHANGHAI)
        self.tools = Tools(self.objects, self.ledger, NoParsers(), self.clock, Heard(), rules)

    def entries(self, kind=None):
        return self.ledger.entries(kind)


@dataclass
class Bureau:
    """A house with people in it.  ``desk`` is what the acts take; the rest writes and asks."""

    house: House | MemoryHouse
    desk: Desk
    keys: dict[str, int] = field(default_factory=dict)  # name: entry key.registered
    dockings: int = 0
    taken: tuple[str, int] = (f"d:{1:032x}", 0)  # the docking of ``seal``, and its inventory
    batch: list | None = None
    first: int = 0

    @property
    def ledger(self):
        return self.desk.ledger

    @property
    def clock(self):
        return self.house.clock

    @property
    def now(self):
        return self.clock.now()

    def actor(self, name, *, fresh=True):
        """Who is signed in; ``fresh``: proved it just now."""
        return Actor(person(name), self.now if fresh else None)

    def write(self, kind, about, body, facts=None, *, of=None, by="admin"):
        """Append one entry; with compare-and-swap where it is about the organisation."""
        about = tuple(dict.fromkeys(about))
        private = Private(of, facts) if facts is not None else None
        actor = by if ":" in by else person(by)
        if self.batch is not None:
            self.batch.append(Draft(kind, actor, about, body, {}, private))
            return self.first + len(self.batch) - 1
        expect = {o: self.ledger.last(o) for o in about if o == ORGANISATION}
        return self.ledger.append([Draft(kind, actor, about, body, expect, private)]).indexes[0]

    @contextmanager
    def together(self):
        """Write in one append, which is faster on real disks.  Nothing was written since ours."""
        last = self.ledger.last(ORGANISATION)
        self.batch, self.first = [], 1 if last is None else last + 1
        yield
        drafts, self.batch = self.batch, None
        assert self.ledger.append(drafts).indexes[0] == self.first

    def unit(self, which, parent, enforcing, kind="unit.added"):
        body = {"unit": which, "parent": parent, "enforcing": enforcing}
        return self.write(kind, (ORGANISATION, which, parent), body, {"name": which[:6]}, of=which)

    def enrol(self, name, where, kind="person.enrolled"):
        who = person(name)
        facts = {"name": name, "number": f"{len(name):06}", "certificate": None}
        facts |= {"certificate_until": None, "aliases": []}
        body = {"person": who, "unit": where}
        return self.write(kind, (ORGANISATION, who, where), body, facts, of=who)

    def suspend(self, name, kind="person.suspended"):
        who = person(name)
        return self.write(kind, (ORGANISATION, who), {"person": who}, {"reason": "left"}, of=who)

    def restore(self, name):
        return self.suspend(name, "person.restored")

    def role(self, name, role, where, since=LONG_AGO, *, until=None):
        body = {
            "person": person(name),
            "role": role,
            "unit": where,
            "since": format_time(since),
            "until": format_time(until) if until else None,
        }
        return self.write("role.granted", (ORGANISATION, person(name), where), body)

    def revoke(self, granted):
        held = self.ledger.entry(granted).body
        body = {"granted": granted, **{name: held[name] for name in ("person", "role", "unit")}}
        return self.write("role.revoked", (ORGANISATION, held["person"], held["unit"]), body)

    def register(self, name, use="sign", fmt="software/1"):
        """Register the software key of a person; ``private_key(name)`` signs with it."""
        public = private_key(name).public_key().public_bytes_raw()
        body = {
            "person": person(name),
            "fmt": fmt,
            "use": use,
            "credential": "",
            "public": urlsafe_b64encode(public).rstrip(b"=").decode(),
            "rp": "",
            "device_bound": None,
            "signer": "demo",
            "by": [person("admin"), person("second_admin")],
        }
        self.keys[name] = self.write("key.registered", (ORGANISATION, person(name)), body)
        return self.keys[name]

    def revoke_key(self, name):
        body = {"person": person(name), "key": self.keys[name]}
        return self.write("key.revoked", (ORGANISATION, person(name)), body)

    def bind(self, recorder, name, where, since=LONG_AGO):
        """Bind a recorder to a person, or (None) pool it in a unit."""
        who = person(name) if name else None
        body = {"recorder": recorder, "person": who, "unit": where, "since": format_time(since)}
        about = (recorder, tenure_id(self.ledger, recorder), who or where)
        return self.write("recorder.bound", (*about, kit_id(self.ledger, where)), body)

    def handover(self, kind, recorder, name, where, at, *, due=None):
        body = {
            "recorder": recorder,
            "person": person(name),
            "unit": where,
            "at": format_time(at),
            "due": format_time(due) if due else None,
            "battery": 80,
            "free_bytes": 1 << 30,
            "clock_offset_ms": 0,
        }
        about = (recorder, tenure_id(self.ledger, recorder), person(name))
        return self.write(kind, (*about, kit_id(self.ledger, where)), body)

    def recorder(self, serial=SERIAL):
        """The id that a docked recorder with this serial gets."""
        return self.ledger.pseudonym("r", recorder_text(serial, None, None, None))

    def dock(self, files, serial=SERIAL):
        """Dock a recorder with these files (path: bytes); return the segments."""
        self.dockings += 1
        docking = "d:" + f"{self.dockings:032x}"
        recorder = MemoryRecorder(dict(files), Identity(serial=serial), chunk=1 << 20)
        dock(recorder, Plan(docking, "1", "keep"), self.house.tools)
        return tuple(f"s:{sha256(content).hexdigest()}" for content in files.values())

    def take(self, *, noted=(), clock="measured"):
        """Begin a docking of which ``seal`` seals: its inventory, as far as keeping asks for it."""
        self.dockings += 1
        docking = f"d:{1000 + self.dockings:032x}"
        body = {"clock": {"kind": clock, "offset_ms": 0, "how": None}}
        body |= {"noted": [{"finding": each} for each in noted]}
        self.taken = docking, self.write("inventory.taken", (docking,), body, by="sys:ingest")
        return self

    def seal(self, name, recorder=None, at=None, slices=3, *, important=False, noted=()):
        """Write that a segment is in custody, without a byte of it: for who needs none."""
        digest = sha256(f"segment {name}".encode()).hexdigest()
        docking, inventory = self.taken
        seen = {"docking": docking, "line": 0, "inventory": inventory, "important": important}
        seen |= {"claimed_from": "name", "corrected_at": None}
        seen |= {"claimed_at": format_time(at or self.now)}
        body = {"size": 9, "sha256": digest, "sm3": None, "kind": "video", "container": "mp4"}
        body |= {"duration_ms": 9, "tracks": [], "parser": "none", "sighting": seen}
        body |= {"noted": [{"finding": each} for each in noted]}
        body |= {"slices": {"count": slices, "root": digest, "sha256": digest}}
        about = (f"s:{digest}", seen["docking"], recorder or self.recorder())
        known = self.ledger.last(about[0]) is not None
        self.write("segment.seen" if known else "segment.sealed", about, body, by="sys:ingest")
        return about[0]

    def label(self, segment, officers, case=None, by="officer", **more):
        """Label a segment: names of officers, a case number."""
        case_id = self.ledger.pseudonym("c", case) if case else None
        ids = [person(name) for name in officers]
        body = {"act": segment, "items": None, "item": None, "step": None, "no_case": None}
        body |= {"complete": True, "sensitivity": "none", "corrects": None, **more}
        facts = {"officers": ids, "cause": None, "party": None, "case_number": case}
        facts |= {"place": None, "words": ""}
        about = (segment, *ids, *([case_id] if case_id else []))
        return self.write("segment.labelled", about, body, facts, of=segment, by=by)

    def with_rules(self, **changes):
        self.desk = replace(self.desk, rules=replace(self.desk.rules, **changes))
        return self


def private_key(name):
    return Ed25519PrivateKey.from_private_bytes(sha256(f"key {name}".encode()).digest())


def desk_of(house, rules=RULES):
    tiles = house.tiles if isinstance(house, MemoryHouse) else None
    return Desk(
        ledger=house.ledger,
        objects=house.objects,
        tiles=tiles or TreeFolder(places_of(house.root).ledger),
        clock=house.clock,
        meter=MemoryMeter(),
        rules=rules,
        hosts=Hosts("dock1.example", "sign.dock1.example", "sign.dock1.example"),
    )


def open_home(house):
    """A desk where nobody has been set up."""
    return Bureau(house, desk_of(house))


def founded(house):
    """The organisation and its units; nobody yet."""
    bureau = open_home(house)
    with bureau.together():
        _found(bureau)
    return bureau


def _found(bureau):
    hosts = {"login": "dock1.example", "sign": "sign.dock1.example", "rp": "sign.dock1.example"}
    body, name = {"hosts": hosts}, {"name": "bureau"}
    about = (ORGANISATION,)
    bureau.write("organisation.founded", about, body, name, of=ORGANISATION, by="sys:local")
    for which, parent, enforcing in UNITS:
        bureau.unit(which, parent, enforcing)


def small_bureau(house=None):
    """The whole of it; recorder ``SERIAL`` is the officer's own."""
    bureau = open_home(house or MemoryHouse())
    with bureau.together():
        _found(bureau)
        for name, (where, _) in PEOPLE.items():
            bureau.enrol(name, where)
        for name, (where, role) in PEOPLE.items():
            since, until = TERMS.get(name, (LONG_AGO - NOON, None))
            bureau.role(name, role, where, NOON + since, until=NOON + until if until else None)
        for name in SIGNERS:
            bureau.register(name)
        bureau.bind(bureau.recorder(), "officer", SQUAD)
    return bureau


def sealed(count=3):
    """The small bureau in memory with segments of the officer, of three slices, without bytes."""
    bureau = small_bureau()
    return bureau, tuple(bureau.seal(n) for n in range(count))


FILES = {f"DCIM/F{n}.MP4": bytes([n]) * (2 << 20) + bytes(range(n)) for n in range(1, 4)}


def docked(house=None):
    """The small bureau with three segments of the officer, of three slices each."""
    bureau = small_bureau(house)
    return bureau, bureau.dock(FILES)
