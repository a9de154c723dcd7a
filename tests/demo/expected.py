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
