"""``copy``, ``looks``, ``access-log``: what leaves with its proof, and who has looked."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from appliance.asking import Shown, grant_of, segment_of, spans_json, until_of
from appliance.call import Call
from appliance.commands_look import SHORT, moment_of, zone_of
from appliance.copying import Copying, copy_grant
from appliance.folder import PackageFolder
from appliance.output import Answer, table
from appliance.progress import Progress
from appliance.reports import read_vkey
from appliance.signed_in import actor
from appliance.words import LANGUAGES, load_words
from custody.access import Access
from custody.accesslog import LogFilter, LogRow, access_log
from custody.closing import recover
from custody.looks import Looked, looks_at, looks_at_own
from custody.names import find_person
from custody.packages import VKEY, PackageReport, verify_package
from custody.register import read_register
from custody.why import check_without_grant
from evidence.asking import Span
from evidence.codec import format_time, parse_time
from evidence.entry import Entry
from evidence.errors import CustodyError, UnknownSegmentError, UsageError
from evidence.json import JsonObject
from evidence.note import parse_vkey
from evidence.people import Actor

LOOKS_DAYS = 90  # of looks at one's own recordings, where nobody says since when


def copy(call: Call) -> Answer:
    """Fetch what a grant lets leave, with everything that proves it."""
    asked, desk, who = call.arguments, call.services.desk, actor(call)
    recover(desk)  # what an earlier process was killed in is closed before the next begins
    grant = Access(desk).claim(_grant(call, who), who)
    spans = _spans(asked.span, grant.spans) if asked.span else None
    key = read_vkey(call.settings.home.vkey)
    copying = Copying(desk, key, who, grant.id, spans, _readme())
    with Progress(call.terminal, call.words, "copy.progress") as tell:
        report = copy_grant(copying, Path(asked.folder), tell)
    words, package = call.words, report.package
    lines = [
        words("copy.done", path=asked.folder, files=len(package.files), bytes=report.bytes),
        words("copy.entries", opened=package.opened, closed=package.closed),
        words("copy.verify", path=asked.folder),
    ]
    return Answer({"folder": asked.folder, "copy": _package_json(report)}, lines)


def _grant(call: Call, who: Actor) -> str:
    """Return the grant that is meant; who names footage instead is refused on record."""
    text, desk = call.arguments.grant, call.services.desk
    try:
        return grant_of(call, who, text)
    except CustodyError as unknown:
        if text.startswith("g:"):
            raise
        try:
            segment = segment_of(call, text)
        except (UnknownSegmentError, UsageError):
            raise unknown from None
        check_without_grant(desk, who, "copy", segment)
        raise  # they hold a grant for it, and have to say which


def _spans(texts: Sequence[str], granted: Sequence[Span]) -> tuple[Span, ...]:
    """Return the spans that ``3fa9c1`` and ``3fa9c1:3-7`` name, of segments that were granted."""
    return tuple(_span(text, granted) for text in texts)


def _span(text: str, granted: Sequence[Span]) -> Span:
    start, colon, slices = text.lower().removeprefix("s:").partition(":")
    segments = {each.segment for each in granted if each.segment[2:].startswith(start)}
    first, _, last = slices.partition("-")
    if not start or len(segments) != 1:
        raise UsageError("span_unclear", text=text)
    if not colon:
        whole = [each for each in granted if each.segment in segments]
        return whole[0]
    if not (first.isdecimal() and last.isdecimal()):
        raise UsageError("span_unclear", text=text)
    return Span(segments.pop(), int(first), int(last))


def _readme() -> str:
    """Return how to verify, in every language: whoever opens the package chose none."""
    return "\n".join(load_words(language)("copy.readme") for language in LANGUAGES)


def verify_copy(call: Call, folder: Path, vkey: str | None) -> Answer:
    """Verify a package with nothing but the key; its own is used only where no other is given."""
    words = call.words
    key = parse_vkey(vkey) if vkey else read_vkey(folder / VKEY)
    report = verify_package(PackageFolder(folder), key)
    lines = [
        words("copy.proven", files=len(report.package.files), bytes=report.bytes),
        words("copy.ledger", origin=key.name, size=report.size),
        words("copy.people", holder=report.holder, approver=report.approver),
        words(f"copy.signed_{(report.signed or 'nobody').partition('/')[0]}"),
    ]
    if not vkey:
        lines.append(words("copy.own_key"))
    return Answer({"copy": _package_json(report), "own_key": not vkey, "clean": True}, lines)


def _package_json(report: PackageReport) -> JsonObject:
    package = report.package
    return {
        "origin": package.origin,
        "size": report.size,
        "grant": package.grant,
        "request": package.request,
        "decision": package.decision,
        "opened": package.opened,
        "closed": package.closed,
        "key": package.key,
        "signed": report.signed,
        "holder": report.holder,
        "approver": report.approver,
        "bytes": report.bytes,
        "files": [
            {"path": f.path, "segment": f.segment[2:], "first": f.first, "last": f.last}
            for f in package.files
        ],
    }


def looks(call: Call) -> Answer:
    """Tell who looked at some segments, or at what somebody has recorded themself."""
    asked, desk, who = call.arguments, call.services.desk, actor(call)
    until = until_of(call, asked.until) or desk.clock.now() + timedelta(milliseconds=1)
    begin = moment_of(asked.since, zone_of(call), end=False)
    since = parse_time(begin) if begin else until - timedelta(days=LOOKS_DAYS)
    if asked.segment:
        found = looks_at(desk, who, [segment_of(call, text) for text in asked.segment])
        found = tuple(each for each in found if since <= each.at < until)
    else:
        found = looks_at_own(desk, who, since, until)
    shown = Shown(call)
    names = ("time", "person", "act", "purpose", "left", "entry")
    head = [call.words(f"column.{name}") for name in names]
    rows = [head, *(_look_row(call, shown, each) for each in found)]
    lines = table(rows, columns=call.terminal.columns) if found else [call.words("looks.none")]
    return Answer({"looks": [_look_json(each) for each in found]}, lines)


def _look_row(call: Call, shown: Shown, look: Looked) -> list[str]:
    words = call.words
    how = words(f"look.{look.how or 'running'}")
    left = words("looks.left", bytes=look.bytes or 0, how=how)
    if look.hidden_until:
        left = words("looks.hidden", left=left, until=shown.until(look.hidden_until))
    return [
        shown.time(look.at),
        shown.person(look.person),
        words(f"does.{look.request.act}"),
        words(f"purpose.{look.request.purpose}"),
        left,
        str(look.opened),
    ]


def _look_json(look: Looked) -> JsonObject:
    hidden = look.hidden_until
    return {
        "opened": look.opened,
        "at": format_time(look.at),
        "person": look.person,
        "grant": look.grant,
        "request": look.request.id,
        "decision": look.decision,
        "act": look.request.act,
        "purpose": look.request.purpose,
        "spans": spans_json(look.spans),
        "closed": look.closed,
        "bytes": look.bytes,
        "how": look.how,
        "hidden_until": format_time(hidden) if hidden else None,
    }


def show_log(call: Call) -> Answer:
    """Print the access log: every question, answer, copy, sign-in and refusal."""
    page = access_log(call.services.desk, actor(call), _wanted(call))
    shown = Shown(call)
    head = [call.words(f"column.{name}") for name in ("time", "person", "event", "entry")]
    rows = [head, *(_log_row(call, shown, row) for row in page.rows)]
    lines = table(rows, columns=call.terminal.columns) if page.rows else [call.words("log.none")]
    if page.next is not None:
        lines.append(call.words("log.more", before=page.next))
    return Answer({"log": [_log_json(row) for row in page.rows], "next": page.next}, lines)


def _wanted(call: Call) -> LogFilter:
    asked, ledger = call.arguments, call.services.desk.ledger
    begin = moment_of(asked.since, zone_of(call), end=False)
    subjects = [asked.about] if asked.about else []
    if asked.person:
        subjects.append(find_person(ledger, read_register(ledger), asked.person))
    if asked.segment:
        subjects.append(segment_of(call, asked.segment))
    return LogFilter(
        groups=tuple(asked.groups),
        subjects=tuple(subjects),
        since=parse_time(begin) if begin else None,
        until=until_of(call, asked.until),
        before=asked.before,
        limit=asked.limit,
    )


def _log_row(call: Call, shown: Shown, row: LogRow) -> list[str]:
    entry = row.entry
    told = _event(call, entry)
    about = [each[: len("q:") + SHORT] for each in entry.about if each[0] in "qg"]
    if about:
        told = call.words("log.about", event=told, about=call.words("list.comma").join(about))
    if row.hidden_until:
        told = call.words("looks.hidden", left=told, until=shown.until(row.hidden_until))
    return [shown.time(entry.at), shown.person(entry.actor), told, str(entry.seq)]


def _event(call: Call, entry: Entry) -> str:
    """Return what happened, with its outcome: a refusal says of what, a copy how much left."""
    words, body = call.words, entry.body
    match entry.type:
        case "access.refused":
            return words("log.refused", act=words(f"does.{body['act']}"))
        case "request.decided":
            return words("log.approved" if body["answer"] == "approve" else "log.turned_down")
        case "copy.closed":
            return words("log.closed", bytes=body["bytes"])
        case "password.changed" if body["outcome"] == "refused":
            return words("log.password_refused")
        case _:
            return words(f"event.{entry.type}")


def _log_json(row: LogRow) -> JsonObject:
    entry, hidden = row.entry, row.hidden_until
    return {
        "entry": entry.seq,
        "at": format_time(entry.at),
        "type": entry.type,
        "actor": entry.actor,
        "about": sorted(entry.about),
        "body": entry.body,
        "hidden_until": format_time(hidden) if hidden else None,
    }


COMMANDS: Mapping[str, Callable[[Call], Answer]] = {
    "copy": copy,
    "looks": looks,
    "access-log": show_log,
}
