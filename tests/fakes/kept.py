"""A bureau whose footage grows old: every entry that decides how long something is kept.

Everything is written as an entry of the real form, at the time of the bureau's clock; nothing asks
for a right, which is for the acts and their own tests.
"""

import secrets
from datetime import timedelta

from custody.kept import facts_of
from custody.past import Past
from custody.policies import policy_json, policy_of
from custody.retention import keeping_of
from custody.shelf import read_shelf
from evidence.codec import format_time
from evidence.keeping import KEEPING, same_alarm
from tests.fakes.desk import EAST, person, small_bureau
from tests.fakes.house import SHANGHAI

DAYS = {"grace_days": 90, "warning_days": 14, "undo_days": 7, "label_days": 3}
PACK = {
    "name": "pack",
    "version": "1",
    "standard": {"article": "17", "period": "6 months"},
    "grace_because": "because",
    **DAYS,
}


def new_id(kind):
    return f"{kind}:{secrets.token_hex(32 if kind in 'src' else 16)}"


def item_rule(period, *items, **more):
    return {"article": "17", "period": period, "list": "acts", "items": list(items), **more}


class Years:
    """A bureau in memory, and pens for its entries."""

    def __init__(self):
        self.bureau = small_bureau()
        self.ledger, self.clock = self.bureau.ledger, self.bureau.clock
        self.docking = self.inventory = None
        self.line = 0

    @property
    def now(self):
        return self.clock.now()

    def write(self, kind, about, body, facts=None, *, of=None, by="head"):
        return self.bureau.write(kind, about, body, facts, of=of, by=by)

    # --- a docking

    def dock(self, clock="measured", *noted):
        self.docking, self.line = new_id("d"), 0
        reading = {"kind": clock, "offset_ms": 0 if clock == "measured" else None, "how": "asked"}
        body = {"files": 1, "bytes": 1, "deleted": 0, "file_system": None, "total_bytes": None}
        body |= {"free_bytes": None, "clock": reading, "noted": [{"finding": n} for n in noted]}
        about = (self.docking, self.bureau.recorder())
        self.inventory = self.write("inventory.taken", about, body, by="sys:ingest")
        return self.docking

    def observe(self, *noted):
        body = {"agrees": not noted, "sources": [], "noted": [{"finding": n} for n in noted]}
        return self.write("identity.observed", (self.docking,), body, by="sys:ingest")

    def seal(self, segment=None, *, corrected=None, claimed=None, important=False, **more):
        """Seal a segment, or see one again; return it, and its entry as ``self.sighting``."""
        if self.docking is None:
            self.dock()
        segment = segment or new_id("s")
        seen = {"docking": self.docking, "line": self.line, "inventory": self.inventory}
        seen |= {"important": important, "claimed_from": "name" if claimed else None}
        for name, moment in (("claimed_at", claimed), ("corrected_at", corrected)):
            seen[name] = format_time(moment) if moment else None
        self.line += 1
        noted = [{"finding": each} for each in more.pop("noted", ())]
        recorder = more.pop("recorder", self.bureau.recorder())
        known = self.ledger.last(segment) is not None and not more.pop("again", False)
        body = {"size": 100, "duration_ms": None, "noted": noted, "sighting": seen, **more}
        if known:
            body = {"sealed": 0, "read": "sampled", "noted": noted, "sighting": seen, **more}
        about = (segment, self.docking, *((recorder,) if recorder else ()))
        kind = "segment.seen" if known else "segment.sealed"
        self.sighting = self.write(kind, about, body, by="sys:ingest")
        return segment

    def gap(self, before, after, kind="gap"):
        seam = {"before": before, "after": after, "lines": [0, 1], "kind": kind, "ms": 9}
        body = {"act": "a", "part": 0, "parts": 1, "seams": [{**seam, "because": None}]}
        about = tuple(each for each in (self.docking, before, after) if each)
        return self.write("seams.judged", about, body, by="sys:ingest")

    def explain(self, seams, *segments):
        body = {"seams": seams, "seam": 0, "reason": "battery", "spoken": True}
        return self.write("gap.explained", (self.docking, *segments), body, by="officer")

    def answer(self, explained, verdict, *segments):
        body = {"explained": explained, "answer": verdict}
        return self.write("gap.answered", (self.docking, *segments), body, by="supervisor")

    def label(self, segment, item=None, case=None, *, by="officer", officers=(), **more):
        items = {"name": "acts", "version": "1"} if item else None
        body = {"act": segment, "items": items, "item": item, "step": None, "no_case": None}
        body |= {"complete": True, "sensitivity": "none", "corrects": None, **more}
        about = (segment, *map(person, officers), *((self.case(case),) if case else ()))
        return self.write("segment.labelled", about, body, {}, of=segment, by=by)

    def case(self, number):
        return self.ledger.pseudonym("c", number)

    def resolve_holder(self, segment, name, sighting=None, where=EAST):
        body = {"sighting": self.sighting if sighting is None else sighting}
        body |= {"person": person(name), "unit": where}
        about = (segment, person(name))
        return self.write("holder.resolved", about, body, {"reason": "x"}, of=segment)

    # --- the keeping

    def adopt(self, **changes):
        """Adopt the pack, or a version of it; return the entry."""
        policy = policy_of({**PACK, **changes})
        body = {"policy": policy_json(policy), "sha256": policy.sha256, "replaces": None}
        proposed = self.write("policy.proposed", (KEEPING,), body, by="head")
        body = {"proposed": proposed, "name": policy.name, "version": policy.version}
        body |= {"sha256": policy.sha256}
        return self.write("policy.adopted", (KEEPING,), body, by="watcher")

    def hold(self, *segments, of=None, since=None, until=None, reason="dispute", answers=None):
        kind = "segments" if segments else "case" if of.startswith("c:") else "window"
        scope = {"kind": kind, "segments": list(segments) or None, "of": of}
        for name, moment in (("since", since), ("until", until)):
            scope[name] = format_time(moment) if moment else None
        hold = new_id("h")
        body = {"hold": hold, "reason": reason, "article": "17(2)", "scope": scope}
        about = (hold, KEEPING, *(segments or (of,)))
        self.write("hold.placed", about, {**body, "answers": answers})
        return hold

    def release(self, hold):
        body = {"hold": hold, "ground": "placed_in_error"}
        proposed = self.write("hold.release_proposed", (hold, KEEPING), body, by="head")
        about, body = (hold, KEEPING), {**body, "proposed": proposed}
        return self.write("hold.released", about, body, by="watcher")

    def resolve(self, segment, sighting=None):
        body = {"sighting": self.sighting if sighting is None else sighting}
        body |= {"answer": "not_needed"}
        return self.write("mark.resolved", (segment, KEEPING), body, {"reason": "x"}, of=segment)

    def audit(self, level="digest", findings=0, size=None, kind="audit.done"):
        body = {"level": level, "findings": findings, "root": "00", "verdict": "intact"}
        body |= {"size": self.now_size() if size is None else size}
        return self.write(kind, (), body, by="sys:audit")

    def now_size(self):
        return len(self.bureau.house.entries())

    def acknowledge(self, alarm, answer="no_harm", audit=None, by="inspector"):
        raised = self.ledger.entry(alarm)
        same = same_alarm(raised.body["alarm"], raised.about)
        body = {"alarm": alarm, "same": same, "answer": answer, "audit": audit}
        return self.write("alarm.acknowledged", (KEEPING, *raised.about), body, by=by)

    def close_case(self, number, day):
        case = self.case(number)
        return self.write("case.closed", (case, KEEPING), {"case": case, "closed_on": day})

    def reopen_case(self, number):
        case = self.case(number)
        return self.write("case.reopened", (case, KEEPING), {"case": case})

    def set_back(self, **delta):
        """Our own clock goes back, and somebody accepts it."""
        self.write("alarm.raised", (), {"alarm": "test", "facts": {}})  # it has seen this time
        self.clock.forward(**{unit: -count for unit, count in delta.items()})
        return self.ledger.accept_clock("sys:local")

    # --- who asks

    def ask(self, segment, days=10, purpose="case"):
        request = new_id("q")
        until = format_time(self.now + timedelta(days=days))
        body = {"request": request, "purpose": purpose, "until": until}
        self.asked = self.write("request.made", (request, segment), body, by="searcher")
        return request

    def grant(self, segment, request, days=5, times=2, answer="approve"):
        grant = new_id("g") if answer == "approve" else None
        answered = {"request": request, "entry": self.asked, "leaf": "00", "grant": grant}
        body = {"answer": answer, "until": format_time(self.now + timedelta(days=days))}
        body |= {"times": times, "requests": [answered]}
        about = (request, *((grant,) if grant else ()), segment)
        self.write("request.decided", about, body)
        return grant

    def look(self, segment, grant, *, closed=True):
        opened = self.write("copy.opened", (grant, segment), {"grant": grant, "use": 1})
        if closed:
            self.write("copy.closed", (grant, segment), {"opened": opened})
        return opened

    # --- what comes of it

    def kept(self, segment, before=None):
        return facts_of(Past(self.ledger, before), segment, read_shelf(self.ledger))

    def keeping(self, segment, now=None, zone=SHANGHAI):
        shelf = read_shelf(self.ledger)
        kept = facts_of(Past(self.ledger), segment, shelf)
        return keeping_of(kept, shelf, zone, now or self.now)

    def blocked(self, segment, now=None):
        """Return (code, whose) of all that is in the way."""
        return {(each.code, each.whose) for each in self.keeping(segment, now).blockers}

    def last_day(self, segment):
        """Return the last day that is kept, as text; None where there is no end."""
        until = self.keeping(segment).until
        return until and (until - timedelta(seconds=1)).astimezone(SHANGHAI).date().isoformat()


def ready():
    """Return a bureau with a policy and a labelled segment, sealed at noon of 22 November 2026."""
    years = Years()
    years.adopt()
    segment = years.seal()
    years.label(segment)
    return years, segment
