"""What the two recorders of the demo carry, and where it must have come to light."""

CODECS = {"h264", "hevc", "aac"}


def missing(document):
    """Return what was not found; empty when the demo shows everything.

    ``document(*arguments)`` gives the JSON document of a command.
    """
    segments = document("list", "--limit", "1000")["segments"]
    seams = document("seams")["seams"]
    kinds = {seam["kind"] for seam in seams}
    findings = {finding for segment in segments for finding in segment["findings"]}
    codecs = _codecs(document, segments)
    looked_for = {
        "H.264": "h264" in codecs,
        "H.265": "hevc" in codecs,
        "AAC": "aac" in codecs,
        "photo": any(segment["kind"] == "photo" for segment in segments),
        "log": any(segment["kind"] == "log" for segment in segments),
        "gap": "gap" in kinds,
        "damaged": bool({"no_index", "truncated"} & findings),
        "empty": "empty" in findings,
        "important": any(segment["important"] for segment in segments),
        "deleted": _deleted(document),
    }
    return [name for name, found in looked_for.items() if not found]


def _codecs(document, segments):
    """Return what films and sound are made of; only as many are looked at as it takes."""
    found = set()
    for segment in segments:
        if segment["kind"] in {"video", "audio"} and not found >= CODECS:
            tracks = document("show", segment["segment"])["segment"]["tracks"]
            found |= {track["codec"] for track in tracks}
    return found


def _deleted(document):
    """The deleted file belongs to a docking, and stands in the history of what lay beside it."""
    segment = document("list", "--limit", "1000")["segments"][-1]["segment"]
    events = document("history", segment)["events"]
    return any(
        note.get("finding") == "deleted_files"
        for event in events
        for note in event["facts"].get("noted", [])
    )


# What somebody tries in the demo and may not; and what somebody else may.
TRIED = ("label", "copy", "request", "approve", "see_audit")


def unlogged(document):
    """Return what the access log does not tell of questions, answers, copies and refusals."""
    log = document("access-log", "--limit", "1000")["log"]
    refused = {row["body"]["act"] for row in log if row["type"] == "access.refused"}
    decided = [row["body"] for row in log if row["type"] == "request.decided"]
    closed = [row["body"]["how"] for row in log if row["type"] == "copy.closed"]
    looked_for = {
        "question": any(row["type"] == "request.made" for row in log),
        "signature": [each["signature"]["fmt"] for each in decided] == ["software/1"],
        "copy": closed == ["complete"],
        **{f"refused {act}": act in refused for act in TRIED},
    }
    return [name for name, found in looked_for.items() if not found]


ATTESTED = 6  # words of two people on three days


def unkept(lived, entries, there, told):
    """Return what the year of keeping does not show, by the ledger and the vault it has left.

    ``there``: the segments whose bytes lie in the vault.  ``told``: what commands said as JSON, by
    what they were asked.
    """
    kinds = [entry.type for entry in entries]
    tombstones = {each for entry in entries if entry.type == "segment.disposed"
                  for each in entry.about if each.startswith("s:")}  # fmt: skip
    held, gone = set(lived.held), set(lived.approved)
    codes = {each["code"] for each in told["held"]["blockers"]}
    stone = told["gone"]
    looked_for = {
        "week": _closed_again(entries) and told["sheet"],
        "hold before its recorder": _hold_came_first(entries, held),
        "held": codes == {"held"} and told["held"]["until"] is None,
        "due": told["due"] >= set(lived.due),
        "clock a year ahead": _nothing_went_while_ahead(entries),
        "alarm answered": _last(entries, "alarm.acknowledged").get("answer") == "mended",
        "day of two people": kinds.count("time.attested") == ATTESTED,
        "approval": _signed_by_another(entries),
        "tombstone": tombstones == gone and stone["proposed_by"] != stone["approved_by"],
        "bytes gone": not gone & there and stone["homes"] == {"local": "removed"},
        "still there": held | set(lived.warned) | set(lived.due) <= there,
        "audit": _last(entries, "audit.done").get("findings") == 0,
    }
    return [name for name, found in looked_for.items() if not found]


def _last(entries, kind):
    """Return the body of the newest entry of a kind; empty where there is none."""
    return next((entry.body for entry in reversed(entries) if entry.type == kind), {})


def _closed_again(entries):
    """A recorder was missing when the week was closed, and was docked; it was closed again."""
    closed = [entry for entry in entries if entry.type == "week.closed"]
    if len(closed) != len(("first", "again")):
        return False
    first, again = closed
    missing = [each["because"] for each in first.body["missing"]]
    return (
        missing == ["not_docked"]
        and again.body["closes_again"] == first.seq
        and again.body["late"] > 0
        and again.body["missing"] == []
    )


def _hold_came_first(entries, held):
    holds = [entry.seq for entry in entries if entry.type == "hold.placed"]
    seals = [entry.seq for entry in entries if entry.type == "segment.sealed"
             and held & set(entry.about)]  # fmt: skip
    return bool(holds) and len(seals) == len(held) > 0 and holds[0] < min(seals)


def _nothing_went_while_ahead(entries):
    """The alarm of the jump stands in the ledger, and nothing was destroyed until it was over."""
    ahead = [entry.seq for entry in entries
             if entry.type == "alarm.raised" and entry.body["alarm"] == "clock_ahead"]  # fmt: skip
    right = [entry.seq for entry in entries if entry.type == "clock.accepted"]
    gone = [entry.seq for entry in entries if entry.type == "segment.disposed"]
    return bool(ahead and right and gone) and ahead[0] < right[0] < gone[0]


def _signed_by_another(entries):
    proposed = {entry.body["disposal"]: entry.actor for entry in entries
                if entry.type == "disposal.proposed"}  # fmt: skip
    approved = [entry for entry in entries if entry.type == "disposal.approved"]
    return len(approved) > 1 and all(
        entry.body["signature"] and entry.actor != proposed[entry.body["disposal"]]
        for entry in approved
    )
