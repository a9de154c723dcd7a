"""Why a segment is kept, until when, and what forbids its disposal: decided, and nothing read.

Every rule of every version of a policy that held at any moment since the sealing counts, and the
longest wins: a shorter rule never reaches back.  Holds have no end until two people release them;
the grace follows everything.  What is in the way of a disposal is somebody's task, by name.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from custody.calendar import begin_of, day_after, days_after, end_of, local_day
from custody.gaps import State
from custody.kept import Kept, Said, Sighted
from evidence.keeping import (
    CODES,
    PROPOSES,
    Blocker,
    From,
    Ground,
    Keeping,
    Policy,
    Rule,
    Shelf,
    Whose,
)

LABEL_DAYS = 3  # before any policy says otherwise
MENDING = timedelta(days=3)  # so long who has labelled may mend a label alone
Ends = tuple[datetime | None, datetime | None]  # of the keeping, and of its grace
_MOMENT = timedelta(milliseconds=1)  # the finest time of an entry
_SAYS: Mapping[State, Whose] = {"open": "officer", "returned": "officer", "explained": "supervisor"}


def keeping_of(kept: Kept, shelf: Shelf, zone: tzinfo, now: datetime) -> Keeping:
    """Return the keeping of one segment at ``now``; ``shelf``: the one that ``kept`` was read by.

    ``zone`` is where the station stands: days and months are those of its calendar.
    """
    promised = shelf.promised(kept.sealed)
    grounds = (*_by_rules(kept, shelf, promised, zone), *_by_people(kept, shelf, zone))
    until = _latest(grounds) if promised else None  # where no rule holds, nothing says how long
    grace_until = _with_grace(until, promised, zone) if until else None
    blockers = (
        *_by_time(kept, promised, (until, grace_until), now),
        *_by_label(kept, shelf, now),
        *_by_segment(kept),
        *_by_sightings(kept, shelf),
        *_by_access(kept, shelf, now),
    )
    ordered = sorted(blockers, key=lambda each: (CODES.index(each.code), each.since))
    return Keeping(kept.segment, grounds, until, grace_until, tuple(ordered))


def _latest(grounds: tuple[Ground, ...]) -> datetime | None:
    """Return the latest end; None where one of them has none."""
    ends = [ground.ends for ground in grounds]
    known = [end for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None


def _with_grace(until: datetime, promised: tuple[Policy, ...], zone: tzinfo) -> datetime | None:
    """Return the end of the longest grace: whole days after the last day that is kept."""
    days = max(policy.grace_days for policy in promised)
    last = days_after(local_day(until - _MOMENT, zone), days)
    return end_of(last, zone) if last else None


# --- grounds -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Begin:
    """From when a period is counted; ``day`` None: that has not come, so there is no end."""

    from_: From
    at: datetime
    day: date | None


def _by_rules(
    kept: Kept, shelf: Shelf, promised: tuple[Policy, ...], zone: tzinfo
) -> Iterator[Ground]:
    labels = [said for place, said in enumerate(kept.labels) if _counts(said, kept.labels[:place])]
    sealed = _sealed(kept, shelf, zone)
    closed = _closed({case for said in labels for case in said.cases}, shelf, sealed, zone)
    for policy in promised:
        for rule in (policy.standard, *policy.rules):
            label = _label_of(rule, labels)
            if label is not None or not rule.items:
                begin = sealed if rule.start == "recorded" else closed
                yield _ground(policy, rule, label, begin, zone)


def _ground(policy: Policy, rule: Rule, label: Said | None, begin: _Begin, zone: tzinfo) -> Ground:
    period = policy.case_file if rule.period.kind == "case_file" else rule.period
    last = day_after(begin.day, period) if begin.day and period else None
    ends = end_of(last, zone) if last else None
    entry = label.entry if label else None
    return Ground(rule.id, rule.article, policy.entry, entry, begin.at, begin.from_, ends)


def _counts(said: Said, later: Sequence[Said]) -> bool:
    """Return whether a label still promises what the rules give to its item and its case.

    A mistake is mended in the first days, or by somebody else at any time.  Who said it cannot take
    the promise back alone: else they could shorten the keeping of what they do not like.
    """
    if any(each.by != said.by for each in later):
        return False
    # A time before it is that of a clock that was set back: no mending.
    return not later or not timedelta() <= later[-1].at - said.at <= MENDING


def _label_of(rule: Rule, labels: Sequence[Said]) -> Said | None:
    """Return the newest label with an item that the rule names."""
    named = (said for said in labels if said.items == rule.list and said.item in rule.items)
    return next(named, None)


def _closed(cases: Collection[str], shelf: Shelf, sealed: _Begin, zone: tzinfo) -> _Begin:
    """Return the day on which the last of the cases was closed; none: one is open, or none is.

    Never before the sealing: the day is one person's word, and footage came into the file no
    earlier than that.
    """
    days = [shelf.closed.get(case) for case in cases]
    known = [day for day in days if day is not None]
    if not known or len(known) < len(days):
        return _Begin("case_closed", sealed.at, None)
    last = max(known)
    if sealed.day is not None and last < sealed.day:
        return _Begin("case_closed", sealed.at, sealed.day)
    return _Begin("case_closed", begin_of(last, zone), last)


def _sealed(kept: Kept, shelf: Shelf, zone: tzinfo) -> _Begin:
    """Return the later of corrected record time and sealing, of all sightings the latest.

    A time that is not known counts as the sealing; so does one of an odd clock of which a person
    has said that it does not matter.
    """
    at, from_ = max(_counted(sighted, shelf) for sighted in kept.sightings)
    return _Begin(from_, at, local_day(at, zone))


def _counted(sighted: Sighted, shelf: Shelf) -> tuple[datetime, From]:
    """Return from when one sighting counts, and whether that is its sealing."""
    sealed = shelf.no_earlier(sighted.entry, sighted.at)
    settled = sighted.odd and sighted.entry in shelf.answered
    known = None if settled else sighted.recorded
    return (known, "recorded") if known and known > sealed else (sealed, "sealed")


def _by_people(kept: Kept, shelf: Shelf, zone: tzinfo) -> Iterator[Ground]:
    for hold in kept.holds:
        what = f"hold:{hold.reason}"
        if hold.released is None or hold.released_at is None:
            yield Ground(what, hold.article, None, hold.entry, hold.at, "held", None)
        else:  # the grace begins anew
            start = shelf.no_earlier(hold.released, hold.released_at)
            ends = end_of(local_day(start, zone), zone)
            yield Ground(what, hold.article, None, hold.released, start, "released", ends)
    for sighted in _marked(kept, shelf):
        yield Ground("mark", "17", None, sighted.entry, sighted.at, "marked", None)


def _marked(kept: Kept, shelf: Shelf) -> Iterator[Sighted]:
    """Yield the sightings with a mark that nobody has decided: a provisional hold."""
    for sighted in kept.sightings:
        if sighted.important and sighted.entry not in shelf.answered:
            yield sighted


# --- what forbids a disposal, and whose task it is ---------------------------------------------


def _by_time(
    kept: Kept, promised: tuple[Policy, ...], ends: Ends, now: datetime
) -> Iterator[Blocker]:
    until, grace_until = ends
    if not promised:
        yield Blocker("no_policy", "head", kept.sightings[-1].at, None)
    elif until is not None and until <= now and (grace_until is None or now < grace_until):
        yield Blocker("in_grace", "nobody", until, None)


def _by_label(kept: Kept, shelf: Shelf, now: datetime) -> Iterator[Blocker]:
    label = kept.labels[0] if kept.labels else None
    if label is None or not label.complete:
        since = kept.sightings[0].at
        days = min((policy.label_days for policy in shelf.in_force()), default=LABEL_DAYS)
        whose: Whose = "officer" if now < since + timedelta(days=days) else "supervisor"
        yield Blocker("unlabelled", whose, since, label.entry if label else None)
    if label is not None and label.secret:
        yield Blocker("state_secret", "head", label.at, label.entry)


def _by_segment(kept: Kept) -> Iterator[Blocker]:
    for gap in kept.gaps:
        if gap.state != "accepted":
            yield Blocker("open_gap", _SAYS[gap.state], gap.at, gap.explained or gap.seams)
    if kept.alarm is not None:
        yield Blocker("not_verified", "auditor", kept.alarm.at, kept.alarm.entry)
    if kept.disposal is not None:
        yield Blocker("disposing", "nobody", kept.disposal.at, kept.disposal.entry)
    for hold in kept.holds:
        if hold.released is None:
            yield Blocker("held", "nobody", hold.at, hold.entry)


def _by_sightings(kept: Kept, shelf: Shelf) -> Iterator[Blocker]:
    """Yield what a person must answer about single sightings; one word about it answers all."""
    for sighted in kept.sightings:
        if sighted.entry in shelf.answered:
            continue
        if sighted.conflict is not None:
            yield Blocker("quarantine", "supervisor", sighted.at, sighted.conflict)
        if sighted.odd:
            yield Blocker("clock", "supervisor", sighted.at, sighted.entry)
    for sighted in _marked(kept, shelf):
        yield Blocker("mark", "supervisor", sighted.at, sighted.entry)


def _by_access(kept: Kept, shelf: Shelf, now: datetime) -> Iterator[Blocker]:
    for asked in kept.requests:
        if asked.until is not None and now < asked.until:
            yield Blocker("open_request", "head", asked.at, asked.entry)
        if asked.purpose in PROPOSES and asked.entry not in shelf.answered:
            yield Blocker("proposed", "supervisor", asked.at, asked.entry)
    for granted in kept.grants:
        if granted.until is None or now < granted.until:
            yield Blocker("open_grant", "head", granted.at, granted.entry)
