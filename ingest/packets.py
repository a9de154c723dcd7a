"""Files without a sample table, read packet by packet: demultiplexed, never shown.

PyAV's errors are of many kinds, and a hostile file raises most of them (``UnicodeDecodeError``,
``MemoryError``, ``EOFError`` beside its own); all are mapped here to a finding.
"""

import io
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from struct import unpack
from typing import Any, Final, TypeAlias

import av
from av.stream import Stream as AvStream

from evidence.errors import ParserError
from evidence.findings import Finding
from evidence.json import Json, JsonObject
from evidence.ports import Source
from ingest.answer import ProbeLimits, answer, note, track
from ingest.movie import TICKS_LIMIT
from ingest.probe_task import FORMATS, SOUND_ONLY, TS_BYTES
from ingest.timeline import Blocks, cut_columns, in_blocks, pace, samples_of, survey

Packet: TypeAlias = "av.Packet[Any]"

PARSER: Final = "packets/1"
READ_BYTES: Final = 1024 * 1024  # asked of the parent at once
BUFFER_BYTES: Final = 64 * 1024  # libavformat's own
STREAM_LIMIT: Final = 32
# Nothing but the bytes that were handed over may be opened, whatever a file names.
OPTIONS: Final = {"protocol_whitelist": "none"}
NO_TIMES: Final = frozenset(("avi",))  # carries no time of presentation, only an order
CREATED: Final = ("creation_time", "date")


@dataclass(slots=True)
class Stream:
    """What the packets of one stream told; ticks are multiplied so that a second is ``scale``."""

    kind: str
    codec: str
    scale: int
    ticks: int
    facts: dict[str, Json]
    main: bool = False
    count: int = 0
    timed: bool = True  # every packet has had a time
    offset: "array[int]" = field(default_factory=lambda: array("q"))
    size: "array[int]" = field(default_factory=lambda: array("q"))
    dts: "array[int]" = field(default_factory=lambda: array("q"))
    pts: "array[int]" = field(default_factory=lambda: array("q"))
    key: bytearray = field(default_factory=bytearray)
    duration: int = 0  # of the last packet


@dataclass(slots=True)
class File:
    """What was learned until the end, or until an error."""

    form: str
    limits: ProbeLimits
    created_ms: int | None = None
    streams: dict[int, Stream] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)
    limit: str | None = None  # of ours, that was passed


def packets(source: Source, request: JsonObject) -> Json:
    """Return the answer of ``ingest/answer.py`` for ``{"format": name}``, a name of ``FORMATS``.

    ``request`` also holds ``ProbeLimits.request()``; where one is passed, what was read before is
    told.  Raises ``ParserError`` ``parser_refused`` for another name.
    """
    form = request.get("format")
    if form not in FORMATS:
        raise ParserError("parser_refused", because="format")
    file = File(str(form), ProbeLimits.of(request))
    try:
        _read(source, file)
    except ParserError as error:
        file.limit = str(error.facts["because"])
    except Exception as error:  # noqa: BLE001 - see the docstring of this module
        file.damage.append("memory" if isinstance(error, MemoryError) else "packets")
    return _answer(source, file)


def warm() -> None:
    """Open and demultiplex a second of silence, so that all that is loaded late is loaded."""
    av.logging.set_level(None)
    head = b"RIFF" + (36 + 16_000).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\x01\0\x01\0"
    rates = (8_000).to_bytes(4, "little") + (16_000).to_bytes(4, "little") + b"\x02\0\x10\0"
    silence = head + rates + b"data" + (16_000).to_bytes(4, "little") + bytes(16_000)
    packets(_Bytes(silence), {"format": "wav"})
    packets(_Bytes(b"RIFF\0\0\0\0AVI "), {"format": "avi"})


# --- reading ----------------------------------------------------------------------------------


def _read(source: Source, file: File) -> None:
    with av.open(
        Reader(source),
        "r",
        format=file.form,
        options=OPTIONS,
        metadata_errors="replace",
        buffer_size=BUFFER_BYTES,
    ) as container:
        file.created_ms = _created(container.metadata)
        for stream in islice(container.streams, STREAM_LIMIT):
            file.streams[stream.index] = _stream(stream)
        _choose_main(file)
        for number, packet in enumerate(container.demux()):
            if number >= file.limits.packets:
                raise ParserError("parser_refused", because="too_many_packets")
            known = file.streams.get(packet.stream_index)
            if known and packet.size:
                _add(known, packet, file)


class Reader:
    """The source as the file that PyAV reads, seeks and tells; asks the parent in large blocks."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0
        self._block_at = 0
        self._block = b""

    def read(self, length: int) -> bytes:
        """Return at most ``length`` bytes (PyAV copies them into a buffer of that length)."""
        start = self._at - self._block_at
        if not 0 <= start < len(self._block):
            self._block_at, start = self._at, 0
            self._block = self._source.read(self._at, READ_BYTES)
        piece = self._block[start : start + length]
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; a place before the beginning is an error, one behind the end is not."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._source.size}[whence]
        if base + offset < 0:
            raise ValueError(offset)
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at


class _Bytes:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def read(self, offset: int, length: int) -> bytes:
        return self._content[offset : offset + length]


def _stream(stream: AvStream) -> Stream:
    """Note what the header tells of a stream."""
    context = getattr(stream, "codec_context", None)  # None for data, whatever the types say
    codec = context.codec.canonical_name if context is not None else "unknown"
    base = stream.time_base
    facts: dict[str, Json] = {}
    if isinstance(stream, av.VideoStream):
        facts = {"width": stream.width or None, "height": stream.height or None}
    elif isinstance(stream, av.AudioStream):
        facts = {"rate_milli": stream.rate * 1000 or None, "channels": stream.channels or None}
    kind = stream.type if stream.type in {"video", "audio"} else "data"
    if base is None or not 0 < base.denominator < TICKS_LIMIT:
        return Stream(kind, codec, 1, 1, facts, timed=False)
    return Stream(kind, codec, base.denominator, base.numerator, facts)


def _choose_main(file: File) -> None:
    """Let pictures tell time and cuts, else sound."""
    for kind in ("video", "audio"):
        for stream in file.streams.values():
            if stream.kind == kind:
                stream.main = True
                return


def _add(stream: Stream, packet: Packet, file: File) -> None:
    if len(stream.pts) >= file.limits.samples:
        raise ParserError("parser_refused", because="too_many_samples")
    stream.count += 1
    dts = packet.dts if packet.dts is not None else packet.pts
    pts = packet.pts if packet.pts is not None and file.form not in NO_TIMES else dts
    if dts is None or pts is None or max(abs(dts), abs(pts)) * stream.ticks > TICKS_LIMIT:
        stream.timed = False
        return
    if not stream.main and stream.pts:  # of the others only the first and the last matter
        del stream.dts[1:], stream.pts[1:], stream.offset[1:], stream.size[1:], stream.key[1:]
    stream.dts.append(dts * stream.ticks)
    stream.pts.append(pts * stream.ticks)
    stream.offset.append(packet.pos if packet.pos is not None else -1)
    stream.size.append(packet.size)
    stream.key.append(packet.is_keyframe)
    stream.duration = min(packet.duration or 0, TICKS_LIMIT // stream.ticks) * stream.ticks


def _created(metadata: Mapping[str, str]) -> int | None:
    for name in CREATED:
        try:
            when = datetime.fromisoformat(metadata.get(name, ""))
            return int(when.astimezone(UTC).timestamp() * 1000) if when.tzinfo else None
        except (ValueError, OverflowError):
            continue
    return None


# --- answering --------------------------------------------------------------------------------


def _answer(source: Source, file: File) -> JsonObject:
    main = next((one for one in file.streams.values() if one.main), None)
    blocks = _blocks(main) if main else None
    seen = survey(blocks, source.size) if blocks else None
    rate, timing = pace(seen, blocks) if seen and blocks else (None, [])
    told = seen.times if seen else {}
    first, last = told.get("first_ms"), told.get("last_ms")
    kinds = {one.kind for one in file.streams.values() if one.count}
    kind = "audio" if file.form in SOUND_ONLY or kinds == {"audio"} else "video"
    cuts = None
    if seen and blocks and main and _ordered(main):
        cuts = cut_columns(source.size, seen, blocks, None)
    return answer(
        kind,
        file.form,
        PARSER,
        duration_ms=last - first if isinstance(first, int) and isinstance(last, int) else None,
        created_ms=file.created_ms,
        tracks=[_told(one, rate if one is main else None) for one in file.streams.values()],
        cuts=cuts,
        noted=[
            *([note(Finding.NO_AUDIO)] if kinds == {"video"} else []),
            *_ending(source, file.form),
            *(note(Finding.DAMAGED, because=because) for because in file.damage),
            *([note(Finding.PROBE_FAILED, because=file.limit)] if file.limit else []),
            *([] if kinds or file.damage else [note(Finding.DAMAGED, because="no_packets")]),
            *timing,
        ],
    )


def _blocks(stream: Stream) -> Blocks | None:
    """Return the packets of a stream block by block; None where one of them had no time."""
    if not stream.timed or not stream.pts:
        return None
    columns = (stream.offset, stream.size, stream.dts, stream.pts)
    return in_blocks(samples_of(stream.scale, columns, stream.key, stream.duration))


def _ordered(stream: Stream) -> bool:
    """Whether the packets lie in the file in the order in which they came."""
    before = -1
    for offset in stream.offset:
        if offset <= before:
            return False
        before = offset
    return True


def _told(stream: Stream, rate: int | None) -> JsonObject:
    facts = dict(stream.facts)
    if rate and stream.kind == "video":
        facts["rate_milli"] = rate
    blocks = _blocks(stream)
    if blocks:
        facts.update(survey(blocks, 0).times)
    return track(stream.kind, stream.codec, stream.count, timescale=stream.scale, **facts)


def _ending(source: Source, form: str) -> list[JsonObject]:
    """Tell what header and size say of a missing end."""
    if form in {"avi", "wav"}:
        (claimed,) = unpack("<I", source.read(4, 4).ljust(4, b"\0"))
        if not claimed:  # written last, when the recording is closed
            return [note(Finding.NO_INDEX)]
        missing = claimed + 8 - source.size
        return [note(Finding.TRUNCATED, missing_bytes=missing)] if missing > 0 else []
    if form == "mpegts" and source.read(0, 1) == b"\x47" and source.size % TS_BYTES:
        return [note(Finding.TRUNCATED)]
    return []
