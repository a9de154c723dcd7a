"""What the two recorders of the demo carry, and where it must have come to light."""


def missing(document):
    """Return what was not found; empty when the demo shows everything.

    ``document(*arguments)`` gives the JSON document of a command.
    """
    segments = document("list", "--limit", "1000")["segments"]
    seams = document("seams")["seams"]
    kinds = {seam["kind"] for seam in seams}
    findings = {finding for segment in segments for finding in segment["findings"]}
    codecs = {
        track["codec"]
        for segment in segments
        for track in document("show", segment["segment"])["segment"]["tracks"]
    }
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


def _deleted(document):
    """The deleted file belongs to a docking, and stands in the history of what lay beside it."""
    segment = document("list", "--limit", "1000")["segments"][-1]["segment"]
    events = document("history", segment)["events"]
    return any(
        note.get("finding") == "deleted_files"
        for event in events
        for note in event["facts"].get("noted", [])
    )
