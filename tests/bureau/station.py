"""A station that is lived in: the real rules on the real stores, with a clock that is played.

Every act is done by the product and told to the model.  Durable steps break as they may in life:
then the process is gone, the stores are opened anew, and what was asked is asked again.
"""

from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from appliance.keeper import Keeping
from custody.audit import Sources, audit
from custody.destroy import Keeper
from custody.holdings import Level
from custody.judging import Judges
from custody.lawful import Lawful
from custody.outside import AttestedTime
from custody.recounted import Recounting
from evidence.errors import LedgerUnavailableError, VaultUnavailableError
from evidence.note import parse_vkey
from evidence.people import ORGANISATION
from evidence.recorders import Identity
from ingest.session import dock
from ingest.tools import Plan, Rules, Tools
from tests.bureau.model import Model, Seen
from tests.fakes.clock import NOON
from tests.fakes.desk import Bureau, desk_of
from tests.fakes.house import FOUNDING, PATTERNS, SHANGHAI, Breaker, House, OneAtATime, Papers
from tests.fakes.recorder import MemoryRecorder
from vault.commit import COMMIT_STEPS, FINISHING_STEPS
from vault.ledger import LedgerStore
from vault.objects import LocalObjects
from vault.places import places_of
from vault.remover import STEPS as REMOVING
from vault.remover import LocalRemover
from vault.shredding import STEPS as SHREDDING
from vault.tiles import TreeFolder

WRITING = (*COMMIT_STEPS, *FINISHING_STEPS, "ledger.subjects")
TAKING_IN = ("objects.stage", "objects.chmod", "objects.link", "objects.sync", "objects.unstage")
DESTROYING = (*SHREDDING, *(step for step in REMOVING if step != "remover.unstage"))
LONG_PAST = datetime(2016, 1, 1, tzinfo=UTC)  # before any recorder: a clock that was reset
BROKEN = frozenset({"gap", "hole", "truncated"})  # kinds of seams that somebody has to explain


class PlayedClock:
    """Moves only when told to, also back."""

    def __init__(self, now=NOON):
        self.moment = now

    def now(self):
        return self.moment

    def monotonic(self):
        return self.moment.timestamp()

    def forward(self, step):
        self.moment += step


class Films:
    """Implements ``Parsers`` in this process: a film says in its first line what it is."""

    def parse(self, task, source, request):
        del task, request
        length, broken, *_ = source.read(0, 60).decode().split()
        noted = [{"finding": "truncated"}] if broken == "cut" else []
        answer = {"kind": "video", "container": "mp4", "duration_ms": int(length)}
        answer |= {"created_ms": None, "tracks": [], "cuts": None}
        return answer | {"noted": noted, "parser": "plain/1"}


@dataclass(frozen=True)
class Shown:
    """What who recorded it knows of a film."""

    path: str
    claimed: datetime  # by the clock of the recorder
    lasts_ms: int
    ends: str = "whole"  # or "cut"


class Planted(Breaker):
    """Breaks a step once, and remembers that it did."""

    struck = False

    @contextmanager
    def __call__(self, step):
        self.struck = self.struck or (step == self.step and self.seen.count(step) + 1 == self.nth)
        with super().__call__(step):
            yield

    def plant(self, step, nth, *, applied):
        self.step, self.nth, self.applied, self.struck = step, nth, applied, False
        self.seen.clear()


class Remembering(OneAtATime):
    """A ledger whose entries are read once: they never change."""

    def __init__(self, house):
        super().__init__(house)
        self._known = {}

    def entry(self, index):
        if index not in self._known:
            self._known[index] = self._house.store.entry(index)
        return self._known[index]


class Station:
    """One home, the people in it, and the model that is told everything.

    ``catalogue`` is at home in ``root``; it is used again from one home to the next, since what
    SQLAlchemy has compiled once costs nothing then.
    """

    def __init__(self, root, keys, rng, catalogue, breaks=0.0):
        self.rng, self.breaks = rng, breaks
        self.breaker = Planted()
        self.house = House(root, self.breaker, Films(), clock=PlayedClock())
        self.house.ledger = Remembering(self.house)
        self.catalogue = self.house.catalogue = catalogue
        self.bureau = Bureau(self.house, desk_of(self.house), dict(keys))
        self.model = Model(ORGANISATION)
        self.contents = {}  # of every film that was ever recorded
        self.shown = {}
        self.torn = set()  # joins that really broke: the films before and after, or None
        self.dockings = 0
        self.counted = Counter()
        self.meanwhile = None  # an act that comes between a look of the keeper and its writing
        self.last_at = self.ledger.entry(self.house.store.size - 1).at
        self.judges = Judges(self.ledger, SHANGHAI)
        desk = self.bureau.desk
        self.lawful = Lawful(self.ledger, SHANGHAI, desk.rules, desk.hosts)

    # --- around it -------------------------------------------------------------------------------

    @property
    def ledger(self):
        return self.house.ledger

    @property
    def clock(self):
        return self.house.clock

    @property
    def now(self):
        return self.house.clock.now()

    @property
    def keeper(self):
        """Return the keeper of the product over this home."""
        remover = LocalRemover(self.house.root / "vault", self.breaker)
        desk = self.desk
        lawful = Lawful(self.ledger, SHANGHAI, desk.rules, desk.hosts)
        keeper = Keeper(self.ledger, self.look, self.house.store, [remover], lawful)
        outside = AttestedTime(self.ledger, SHANGHAI)
        return Keeping(keeper, self.ledger, self.clock, outside, self.judges)

    def look(self):
        """Return what the keeper sees of the keeping; then somebody may act before it writes."""
        found, (act, self.meanwhile) = self.judges.look(), (self.meanwhile, None)
        if act is not None:
            planted = self.breaks, self.breaker.step
            self.breaks, self.breaker.step = 0.0, None  # what breaks is the keeper's
            act()
            self.breaks, self.breaker.step = planted
        return found

    @property
    def tools(self):
        objects = LocalObjects(self.house.root / "vault", reserve_bytes=0, steps=self.breaker)
        rules = Rules(PATTERNS, SHANGHAI)
        return Tools(objects, self.ledger, Films(), self.clock, self.house.heard, rules)

    def written(self, since, *kinds):
        """Return the entries from ``since`` on, of these types."""
        found = (self.ledger.entry(index) for index in range(since, self.house.store.size))
        return [entry for entry in found if not kinds or entry.type in kinds]

    def moment(self):
        """Return the time that stands in an entry that is written now."""
        return max(self.now, self.last_at)

    def audit(self, *, anew):
        """Return the report of the product's audit, to the last byte.

        ``anew``: the catalogue is made anew too, and compared.
        """
        house = self.house
        places = places_of(house.root)
        sources = Sources(
            TreeFolder(places.ledger),
            parse_vkey(places.vkey.read_text().removesuffix("\n")),
            house.objects,
            statements=Papers(house.store),
            index=house.store.last,
            counted=house.store.subjects,
            pseudonym=house.store.pseudonym,
            catalogue=house._catalogue_differences if anew else None,
            decides=self.lawful,
            recount=Recounting(self.ledger, TreeFolder(places.ledger), SHANGHAI),
        )
        return audit(sources, Level.DIGEST, now=house.clock.now())

    # --- acts ------------------------------------------------------------------------------------

    def act(self, kind, do, steps=WRITING):
        """Do something whose end is an entry of a type; return the last such entry.

        Where a planted step broke it, the next process asks the ledger, and does it where it was
        not done.
        """
        before = self.house.store.size
        if self._broken(do, steps) and not self.written(before, kind):
            do()
        entry = self.written(before, kind)[-1]
        assert entry.at == self.moment(), "an entry has the time of its writing"
        self.last_at = entry.at
        return entry

    def _broken(self, do, steps):
        """Do it, perhaps with a step that breaks; return whether one broke."""
        if self.rng.random() >= self.breaks:
            do()
            return False
        nth = self.rng.choice((1, 1, 1, 2, 3))
        self.breaker.plant(self.rng.choice(steps), nth, applied=self.rng.random() < 0.5)
        try:
            do()
        except (VaultUnavailableError, LedgerUnavailableError):
            assert self.breaker.struck, "nothing was broken"
        finally:
            self.breaker.step = None
            if self.breaker.struck:
                self._restart()
        return self.breaker.struck

    def _restart(self):
        """Start again, as the next process does; sometimes that one breaks too."""
        self.counted["crash"] += 1
        if self.rng.random() < 0.2:
            house = self.house
            house.close()
            self.breaker.plant(self.rng.choice(WRITING), 1, applied=self.rng.random() < 0.5)
            with suppress(VaultUnavailableError, LedgerUnavailableError):
                LedgerStore.open(places_of(house.root), FOUNDING, self.clock, self.breaker).close()
            self.counted["again"] += self.breaker.struck
            self.breaker.struck = True
        self.house.restart()
        self.house.catalogue = self.catalogue

    def record(self, film, words):
        """Let a film come to be; return its name, and its bytes for a card."""
        content = f"{film.lasts_ms} {film.ends} {words}".encode()
        name = f"s:{sha256(content).hexdigest()}"
        self.shown[name], self.contents[name] = film, content
        return name, content

    def dock(self, recorder, card, *, skew_ms=0, measured=True, after="erase"):
        """Let a recorder come home with the films on its card; after a crash it is docked again."""
        offset_ms = skew_ms if measured else None
        broken = True
        while broken:
            before, listed = self.house.store.size, dict(card)
            came = MemoryRecorder(card, Identity(serial=recorder), offset_ms)
            broken = self._broken(lambda came=came: self._dock(came, after), (*WRITING, *TAKING_IN))
            self._take(before, listed, recorder, offset_ms, whole=not broken)

    def _dock(self, came, after):
        self.dockings += 1
        return dock(came, Plan(f"d:{self.dockings:032x}", "1", after), self.tools)

    def _take(self, before, listed, recorder, offset_ms, *, whole):
        """Tell the model what came into custody; also of a docking that was cut."""
        shown = [self.shown[name_of(content)] for content in listed.values()]
        late = self.now + timedelta(minutes=1)
        ahead = offset_ms is None and any(each.claimed > late for each in shown)
        two = len({each.path.split("_")[1] for each in shown}) > 1
        for entry in self.written(before, "segment.sealed", "segment.seen"):
            name = next(each for each in entry.about if each.startswith("s:"))
            film = self.shown[name]
            off = None if offset_ms is None else timedelta(milliseconds=offset_ms)
            seen = Seen(
                key=entry.seq,
                at=self.moment(),
                recorder=self.bureau.recorder(recorder),
                claimed=film.claimed,
                recorded=None if off is None else film.claimed - off,
                lasts=timedelta(milliseconds=film.lasts_ms),
                important="_IMP" in film.path,
                odd=ahead or film.claimed > late or film.claimed < LONG_PAST,
                two=two,
            )
            self.model.see(name, seen, whole=entry.body.get("read") != "sampled")
        torn = list(self._torn(before))
        if whole:
            expected = {
                pair for pair in self.torn if {*pair} - {None} <= {*map(name_of, listed.values())}
            }
            assert {pair for pair, _ in torn} == expected, "a seam is what it was"
        for pair, key in torn:
            for name in {*pair} - {None}:
                self.model.films[name].gaps.add(key)
        self.last_at = (
            self.written(before)[-1].at if self.house.store.size > before else self.last_at
        )

    def _torn(self, before):
        """Yield the joins that are to be explained: the films at its sides, and its name."""
        for entry in self.written(before, "seams.judged"):
            for place, seam in enumerate(entry.body["seams"]):
                if seam["kind"] in BROKEN:
                    yield (seam["before"], seam["after"]), (entry.seq, place)


def name_of(content):
    """Return the name of a film by its bytes."""
    return f"s:{sha256(content).hexdigest()}"
