"""The probe as the docking sees it: ask a fenced child what a file is, and believe nothing twice.

No library, no hostile byte: every value of the answer is checked for type and range here, and
whatever the child does, there is a ``Media`` with cuts that tile the file.  Bad video is a finding,
never a refusal.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, starmap
from typing import Any, Final, Literal, NoReturn, TypeVar, get_args

from evidence.errors import MalformedError, ParserError
from evidence.findings import Finding, Noted
from evidence.json import Json, JsonObject
from evidence.media import Cut, Media, Track
from evidence.ports import Parsers, Source
from evidence.slices import check_cuts, fixed_cuts
from ingest.answer import ProbeLimits

Kind = Literal["video", "audio", "photo", "log", "unknown", "empty"]
TrackKind = Literal["video", "audio", "data"]

KINDS: Final[Mapping[str, Kind]] = {kind: kind for kind in get_args(Kind)}
TRACK_KINDS: Final[Mapping[str, TrackKind]] = {kind: kind for kind in get_args(TrackKind)}
INTEGER_LIMIT: Final = (1 << 53) - 1  # RFC 8785: what JSON keeps exact everywhere
TRACK_LIMIT: Final = 32
NOTED_LIMIT: Final = 256
CUT_LIMIT: Final = 60_000

WORD: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
CONTAINER: Final = re.compile(r"[a-z0-9][a-z0-9 ]{0,23}")
CODEC: Final = re.compile(r"[!-~]{1,32}")
PARSER: Final = re.compile(r"(boxes|packets|plain)/[0-9]{1,3}")
# What a child may find; the rest of ``Finding`` is for those who see more than one file.
FOUND: Final = frozenset(
    (
        Finding.EMPTY,
        Finding.NO_INDEX,
        Finding.TRUNCATED,
        Finding.DAMAGED,
        Finding.GAP_INSIDE,
        Finding.NO_AUDIO,
        Finding.VARIABLE_RATE,
        Finding.PROBE_FAILED,
    )
)
NUMBERS: Final = frozenset(("at_ms", "length_ms", "missing_bytes"))

FILM_NAMES: Final = frozenset(
    (
        "mp4", "m4v", "mov", "3gp", "avi", "mkv", "ts", "m2ts", "mts", "mpg",
        "mpeg", "vob", "264", "h264", "265", "h265", "hevc", "asf", "wmv", "flv",
    )
)  # fmt: skip
MEDIA_NAMES: Final = FILM_NAMES | {
    "wav", "mp3", "aac", "m4a", "amr", "ogg", "flac", "jpg", "jpeg", "png", "heic",
}  # fmt: skip

OURS: Final = ProbeLimits()

Named = TypeVar("Named", Kind, TrackKind)


def probe(source: Source, name_hint: str, parsers: Parsers, limits: ProbeLimits = OURS) -> Media:
    """Return what a child saw in ``source``; ``name_hint`` is the recorder's name for it.

    Never raises for what the bytes are; errors of ``source`` come through as they are.
    """
    if not source.size:
        return Media("empty", None, None, None, (), (), (Noted(Finding.EMPTY),), "plain/1")
    try:
        media = media_of(_ask(source, parsers, limits), source.size)
    except ParserError as error:
        noted = (Noted(Finding.PROBE_FAILED, {"because": error.word}),)
        return Media("unknown", None, None, None, (), fixed_cuts(source.size), noted, "none/1")
    return _compared_with_name(media, name_hint)


def _ask(source: Source, parsers: Parsers, limits: ProbeLimits) -> Json:
    """Ask the child that knows indexes, and only where it says so the one that walks packets."""
    request = limits.request()
    answer = parsers.parse("probe", source, request)
    form = answer.get("packets") if isinstance(answer, Mapping) else None
    if form is None:
        return answer
    return parsers.parse("packets", source, {**request, "format": _text(form, WORD)})


def _compared_with_name(media: Media, name_hint: str) -> Media:
    ending = name_hint.rpartition(".")[2].lower()
    finding = None
    if media.kind in {"unknown", "log"} and ending in MEDIA_NAMES:
        finding = Finding.UNDECODABLE
    elif media.kind == "audio" and ending in FILM_NAMES:
        finding = Finding.NO_VIDEO
    if finding is None:
        return media
    return replace(media, noted=(*media.noted, Noted(finding)))


# --- an answer, checked -----------------------------------------------------------------------


def media_of(answer: Json, size: int) -> Media:
    """Return the media of an answer about a file of ``size`` bytes.

    Raises ``ParserError`` ``parser_answer`` (``because``: which part is no answer).
    """
    told = _object(answer)
    return Media(
        kind=_named(told.get("kind"), KINDS),
        container=_optional_text(told.get("container"), CONTAINER),
        duration_ms=_optional(told.get("duration_ms"), 0),
        created_ms=_optional(told.get("created_ms")),
        tracks=tuple(map(_track, _list(told.get("tracks"), TRACK_LIMIT))),
        cuts=_cuts(told.get("cuts"), size),
        noted=tuple(map(_noted, _list(told.get("noted"), NOTED_LIMIT))),
        parser=_text(told.get("parser"), PARSER),
    )


def _track(value: Json) -> Track:
    told = _object(value)
    return Track(
        kind=_named(told.get("kind"), TRACK_KINDS),
        codec=_text(told.get("codec"), CODEC),
        samples=_integer(told.get("samples"), 0),
        first_ms=_optional(told.get("first_ms")),
        last_ms=_optional(told.get("last_ms")),
        timescale=_optional(told.get("timescale"), 1),
        first_pts=_optional(told.get("first_pts")),
        last_pts=_optional(told.get("last_pts")),
        width=_optional(told.get("width"), 1),
        height=_optional(told.get("height"), 1),
        rate_milli=_optional(told.get("rate_milli"), 0),
        channels=_optional(told.get("channels"), 1),
    )


def _noted(value: Json) -> Noted:
    told = _object(value)
    name = _text(told.get("finding"), WORD)
    if name not in FOUND:
        _refuse("finding")
    facts: dict[str, Json] = {}
    for key, fact in told.items():
        if key in NUMBERS:
            facts[key] = _integer(fact)
        elif key == "because":
            facts[key] = _text(fact, WORD)
        elif key != "finding":
            _refuse("fact")
    return Noted(Finding(name), facts)


def _cuts(value: Json, size: int) -> tuple[Cut, ...]:
    """Return the cuts that the columns tell, if they tile the file; fixed ones for None.

    Columns are checked whole: an hour has two thousand cuts, and a docking many hours.
    """
    if value is None:
        return fixed_cuts(size)
    told = _object(value)
    lengths = _column(told.get("lengths"), 1)
    keys = map(bool, _column(told.get("keys"), 0))
    first, last = (_column(told.get(name), None) for name in ("pts0", "pts1"))
    counts = _column(told.get("packets"), 0)
    offsets = accumulate(lengths[:-1], initial=0)
    try:
        cuts = tuple(starmap(Cut, zip(offsets, lengths, keys, first, last, counts, strict=True)))
        check_cuts(cuts, size)
    except (ValueError, MalformedError) as error:
        raise ParserError("parser_answer", because="cuts") from error
    return cuts


def _column(value: Json, least: int | None) -> Sequence[Any]:
    """Return a list of integers, none below ``least``; where that is None, values may be None."""
    values: Sequence[Any] = _list(value, CUT_LIMIT)
    kinds = {int} if least is not None else {int, type(None)}
    numbers = [one for one in values if one is not None] if least is None else values
    if not set(map(type, values)) <= kinds:
        _refuse("column")
    lowest, highest = min(numbers, default=0), max(numbers, default=0)
    if not (-INTEGER_LIMIT if least is None else least) <= lowest <= highest <= INTEGER_LIMIT:
        _refuse("column")
    return values


def _object(value: Json) -> JsonObject:
    if not isinstance(value, Mapping):
        _refuse("object")
    return value


def _list(value: Json, limit: int) -> Sequence[Json]:
    if not isinstance(value, list) or len(value) > limit:
        _refuse("list")
    return value


def _named(value: Json, names: Mapping[str, Named]) -> Named:
    if not isinstance(value, str) or value not in names:
        _refuse("name")
    return names[value]


def _text(value: Json, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        _refuse("text")
    return value


def _optional_text(value: Json, form: re.Pattern[str]) -> str | None:
    return None if value is None else _text(value, form)


def _integer(value: Json, least: int = -INTEGER_LIMIT) -> int:
    if type(value) is not int or not least <= value <= INTEGER_LIMIT:
        _refuse("integer")
    return value


def _optional(value: Json, least: int = -INTEGER_LIMIT) -> int | None:
    return None if value is None else _integer(value, least)


def _refuse(because: str) -> NoReturn:
    raise ParserError("parser_answer", because=because)
