"""``list``: what is in custody, a page at a time, and only what the actor may list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from appliance.call import Call
from appliance.commands_look import SHORT, local, moment_of, zone_of
from appliance.output import Answer, table
from appliance.services import Filter, LabelRow, SegmentRow, as_json
from appliance.signed_in import actor
from appliance.words import Words, printable
from custody.finding import page_for
from custody.listing import Listing, listing_for
from custody.names import find_person

_COLUMNS = ("segment", "claimed_at", "duration", "size", "kind", "officer", "path", "noticed")
_AT = _COLUMNS.index("path")


def list_segments(call: Call) -> Answer:
    """List segments, newest first, a page at a time; no picture of any of them."""
    listing = listing_for(call.services.desk, actor(call))
    rows, following = _page(call, listing, _filter(call, listing))
    lines = _shown(call, rows) if rows else [call.words("list.none")]
    if following:
        lines.append(call.words("list.more", after=following))
    return Answer({"segments": as_json(tuple(rows)), "next": following}, lines)


def _page(call: Call, listing: Listing, wanted: Filter) -> tuple[list[SegmentRow], str | None]:
    def ask(limit: int, after: str | None) -> tuple[Sequence[SegmentRow], str | None]:
        page = call.services.segments(replace(wanted, limit=limit, after=after))
        return page.segments, page.next

    rows, following = page_for(listing, ask, _subject, wanted.limit, wanted.after)
    return [_known(listing, row) for row in rows], following


def _subject(row: SegmentRow) -> str:
    return f"s:{row.segment}"


def _known(listing: Listing, row: SegmentRow) -> SegmentRow:
    """Return the row as the actor may know it: a label only to who may see it."""
    return row if listing.may(_subject(row), "see_label") else replace(row, label=None)


def _shown(call: Call, rows: Sequence[SegmentRow]) -> list[str]:
    words, zone = call.words, zone_of(call)
    labelled = any(row.label for row in rows)  # an open home has no labels, and no column of them
    names = (*_COLUMNS, "label") if labelled else _COLUMNS
    cells = [[words(f"column.{name}") for name in names]]
    cells += [[*_row(row, words, zone), _label(row.label, words)][: len(names)] for row in rows]
    return table(cells, right=frozenset({2, 3}), give=_AT, columns=call.terminal.columns)


def _row(segment: SegmentRow, words: Words, zone: tzinfo) -> list[str]:
    noticed = [words("short.important")] if segment.important else []
    noticed += [words(f"short.{code}") for code in segment.findings if code != "important"]
    return [
        segment.segment[:SHORT],
        local(segment.corrected_at or segment.claimed_at, zone),
        words.duration(segment.duration_ms) if segment.duration_ms is not None else "",
        words.bytes(segment.size),
        words(f"kind.{segment.kind}"),
        printable(segment.officer or ""),
        printable(segment.path or ""),
        words("list.comma").join(noticed),
    ]


def _label(label: LabelRow | None, words: Words) -> str:
    if label is None:
        return ""
    told = words(f"no_case.{label.no_case}") if label.no_case else label.item or ""
    parts = [told, label.cause or "", label.party or ""]
    parts += [words("short.state_secret")] if label.sensitivity == "state_secret" else []
    parts += [] if label.complete else [words("short.incomplete")]
    return words("list.comma").join(printable(each) for each in parts if each)


def _filter(call: Call, listing: Listing) -> Filter:
    asked, desk, zone = call.arguments, call.services.desk, zone_of(call)
    register = listing.standing.register
    return Filter(
        officer=asked.officer,
        recorder=asked.recorder,
        docking=asked.docking,
        slot=asked.slot,
        kind=asked.kind,
        finding=asked.finding,
        since=moment_of(asked.since, zone, end=False),
        until=moment_of(asked.until, zone, end=True),
        important=asked.important,
        person=find_person(desk.ledger, register, asked.person) if asked.person else None,
        item=asked.item,
        no_case=asked.no_case.replace("-", "_") if asked.no_case else None,
        case=desk.ledger.pseudonym("c", asked.case) if asked.case else None,
        cause=asked.cause,
        party=asked.party,
        words=asked.words,
        unlabelled=asked.unlabelled,
        limit=asked.limit,
        after=asked.after,
    )
