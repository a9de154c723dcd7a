"""Why a segment is kept, in words: until when, by which rule, what would change it, whose task."""

from datetime import datetime, timedelta

from appliance.asking import Shown
from appliance.call import Call
from appliance.commands_look import SHORT
from appliance.commands_policy import period_told
from appliance.words import Words
from custody.calendar import local_day
from custody.deciding import Decided, Deciding
from evidence.keeping import Blocker, Ground, Policy, Rule

_MOMENT = timedelta(milliseconds=1)  # the finest time of an entry


class Told:
    """Says in one language what was decided."""

    def __init__(self, call: Call, deciding: Deciding) -> None:
        self.deciding = deciding
        self.words: Words = call.words
        self.shown = Shown(call)

    def segment(self, decided: Decided) -> list[str]:
        """Return all that is to say of one segment."""
        blockers = self.deciding.told(decided)
        lines = [self._until(decided), self.words("retention.because")]
        lines += [f"  {self._ground(each)}" for each in decided.keeping.grounds]
        lines += [self.words("retention.changes")]
        lines += [f"  {line}" for line in self._changes(decided)]
        if blockers:
            lines += [self.words("retention.forbids"), *(f"  {self.blocker(b)}" for b in blockers)]
        elif len(blockers) == len(decided.keeping.blockers):
            key = "retention.free" if decided.over else "retention.nothing_forbids"
            lines.append(self.words(key))
        if len(blockers) < len(decided.keeping.blockers):
            lines.append(self.words("retention.hidden"))
        return lines

    def last(self, ends: datetime | None) -> str:
        """Return the last day that is kept whole."""
        if ends is None:
            return self.words("retention.no_end")
        return local_day(ends - _MOMENT, self.deciding.zone).isoformat()

    def blocker(self, blocker: Blocker) -> str:
        """Return one reason that forbids a disposal, since when, and whose task it is."""
        entry = "" if blocker.entry is None else f"#{blocker.entry}"
        return self.words(
            "retention.blocker",
            what=self.words(f"blocker.{blocker.code}"),
            whose=self.words(f"whose.{blocker.whose}"),
            since=self.shown.time(blocker.since),
            entry=entry,
        )

    def _until(self, decided: Decided) -> str:
        keeping = decided.keeping
        segment = keeping.segment[2 : 2 + SHORT]
        if not any(ground.policy is not None for ground in keeping.grounds):
            return self.words("retention.unpromised", segment=segment)
        if keeping.until is None:
            return self.words("retention.without_end", segment=segment)
        until, grace = self.last(keeping.until), self.last(keeping.grace_until)
        return self.words("retention.until", segment=segment, until=until, grace=grace)

    def _ground(self, ground: Ground) -> str:
        """Return one reason to keep it: of a rule, of a hold, or of a mark."""
        facts = {
            "article": ground.article,
            "start": self.shown.time(ground.start),
            "counted": self.words(f"counted.{ground.from_}"),
            "until": self.last(ground.ends),
        }
        pack, rule = self._rule(ground)
        if pack is not None and rule is not None:
            named = {"rule": rule.id, "pack": pack.name, "version": pack.version}
            period = period_told(self.words, rule.period)
            return self.words(
                "retention.by_rule", **named, **facts, period=period, policy=ground.policy
            )
        entry = ground.entry
        if ground.what == "mark":
            return self.words("retention.by_mark", **facts, entry=entry)
        reason = self.words(f"hold_reason.{ground.what.removeprefix('hold:')}")
        key = "retention.by_hold" if ground.ends is None else "retention.by_released"
        return self.words(key, **facts, reason=reason, entry=entry)

    def _rule(self, ground: Ground) -> tuple[Policy | None, Rule | None]:
        """Return the version and the rule of which a ground is."""
        policies = self.deciding.shelf.policies
        pack = next((each for each in policies if each.entry == ground.policy), None)
        rules = (pack.standard, *pack.rules) if pack and ground.policy is not None else ()
        return pack, next((each for each in rules if each.id == ground.what), None)

    def _changes(self, decided: Decided) -> list[str]:
        """Return what could make it be kept longer or shorter, as far as it applies here."""
        kinds = {each.from_ for each in decided.keeping.grounds}
        lines = [self.words("change.label"), self.words("change.hold"), self.words("change.pack")]
        if "case_closed" in kinds:
            lines.append(self.words("change.case"))
        if "held" in kinds:
            lines.append(self.words("change.release"))
        if "marked" in kinds:
            lines.append(self.words("change.mark"))
        return lines
