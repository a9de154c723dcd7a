"""Why a segment is kept, in the sentences of a page: until when, by what, and what forbids more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.keeping import deciding_for, kept
from api.visit import Visit
from custody.calendar import local_day
from custody.deciding import Decided, Deciding
from custody.holds import may_see
from evidence.errors import CustodyError
from evidence.keeping import Blocker, Ground, Hold, Policy, Rule

_MOMENT = timedelta(milliseconds=1)  # the finest time of an entry
SHORT = 12  # signs of a digest, as people compare it


@dataclass(frozen=True, slots=True)
class KeptShown:
    """What a page says.  ``gone``: there is nothing to keep any more, only a tombstone."""

    until: str = ""
    grounds: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()  # that nothing more forbids it, or that more does
    holds: tuple[Hold, ...] = ()  # that stand, as far as one may know of them
    gone: bool = False


def kept_shown(here: Visit, segment: str) -> KeptShown:
    """Return why one segment is kept; raises as ``api.keeping.kept``."""
    deciding = deciding_for(here.site, here.who.actor)
    try:
        decided = kept(deciding, segment)
    except CustodyError as error:
        if error.word != "segment_disposed":
            raise
        return KeptShown(gone=True)
    told = KeptTold(here, deciding)
    keeper, w = deciding.keeper, here.w
    blockers = deciding.told(decided)
    rest = []
    if len(blockers) < len(decided.keeping.blockers):
        rest.append(w("retention.hidden"))
    elif not blockers:
        rest.append(w("retention.free" if decided.over else "retention.nothing_forbids"))
    return KeptShown(
        told.until(decided),
        tuple(told.ground(each) for each in decided.keeping.grounds),
        tuple(told.blocker(each) for each in blockers),
        tuple(rest),
        tuple(e for e in decided.kept.holds if e.released is None and may_see(keeper, e)),
    )


@dataclass(frozen=True, slots=True)
class KeptTold:
    """Says in the language of a page what was decided."""

    here: Visit
    deciding: Deciding

    def until(self, decided: Decided) -> str:
        """Return until when it is kept."""
        keeping, w = decided.keeping, self.here.w
        segment = keeping.segment[2 : 2 + SHORT]
        if not any(ground.policy is not None for ground in keeping.grounds):
            # The sentence of the command line names a command.
            return self.here.t["keep_unpromised"]
        if keeping.until is None:
            return w("retention.without_end", segment=segment)
        until, grace = self.last(keeping.until), self.last(keeping.grace_until)
        return w("retention.until", segment=segment, until=until, grace=grace)

    def last(self, ends: datetime | None) -> str:
        """Return the last day that is kept whole."""
        if ends is None:
            return self.here.w("retention.no_end")
        return local_day(ends - _MOMENT, self.deciding.zone).isoformat()

    def ground(self, ground: Ground) -> str:
        """Return one reason to keep it: of a rule, of a hold, or of a mark."""
        w = self.here.w
        facts = {
            "article": ground.article,
            "start": self._time(ground.start),
            "counted": w(f"counted.{ground.from_}"),
            "until": self.last(ground.ends),
        }
        pack, rule = self._rule(ground)
        if pack is not None and rule is not None:
            named = {"rule": rule.id, "pack": pack.name, "version": pack.version}
            period = w(f"period.{rule.period.kind}", count=rule.period.count)
            return w("retention.by_rule", **named, **facts, period=period, policy=ground.policy)
        if ground.what == "mark":
            return w("retention.by_mark", **facts, entry=ground.entry)
        reason = w(f"hold_reason.{ground.what.removeprefix('hold:')}")
        key = "retention.by_hold" if ground.ends is None else "retention.by_released"
        return w(key, **facts, reason=reason, entry=ground.entry)

    def blocker(self, blocker: Blocker) -> str:
        """Return one reason that forbids a disposal, since when, and whose task it is."""
        w = self.here.w
        return w(
            "retention.blocker",
            what=w(f"blocker.{blocker.code}"),
            whose=w(f"whose.{blocker.whose}"),
            since=self._time(blocker.since),
            entry="" if blocker.entry is None else f"#{blocker.entry}",
        )

    def _time(self, moment: datetime) -> str:
        return moment.astimezone(self.deciding.zone).strftime("%Y-%m-%d %H:%M:%S")

    def _rule(self, ground: Ground) -> tuple[Policy | None, Rule | None]:
        """Return the version and the rule of which a ground is."""
        policies = self.deciding.shelf.policies
        pack = next((each for each in policies if each.entry == ground.policy), None)
        rules = (pack.standard, *pack.rules) if pack and ground.policy is not None else ()
        return pack, next((each for each in rules if each.id == ground.what), None)
