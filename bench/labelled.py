"""A catalogue full of labelled segments, filled table by table: no entry stands behind its rows.

Its tables, indexes and full text are the real ones, made by the real rebuild; only the projection
of entries is left out, which ``bench/catalogue.py`` measures.  Segment n is the n-th oldest.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from vault.catalogue import rebuild
from vault.grams import grams
from vault.projection import Projected
from vault.rows import Row
from vault.sql import sqlite_url

BATCH = 5_000  # segments
FILES_OF_A_DOCKING, RECORDERS, SLOTS = 40, 200, 16
OF_A_CASE = 7  # segments
EVERY_S = 37  # a segment
FIRST_SIGHTING, FIRST_LABEL = 1_000_000, 5_000_000  # their entries
KINDS = ("video", "video", "video", "audio", "photo")
CAUSES = ("占道经营", "违法建设", "户外广告", "乱堆物料", "油烟扰民", "噪声扰民", "渣土撒漏")
FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静磊强洋艳勇军杰娟涛明超霞平刚桂英华建国志红玉兰"
PLACES = ("人民路", "解放街", "中山路", "和平里", "建设大道", "青年广场", "农贸市场")
WORDS = ("当事人拒绝签字", "现场已拍照取证", "责令限期改正", "口头警告", "证据先行登记保存",
         "协助交警疏导", "邻居作证", "复查已整改")  # fmt: skip
RARE, RARE_EVERY = "红色三轮", 50_021  # words that few labels say
LIST = "jinzhong"
ITEMS = ("inspection", "inquiry", "seizure", "delivery")
FINDINGS = ("gap_inside", "no_audio", "clock_reset", "from_the_future")


def digest_of_segment(number: int) -> str:
    """Return the digest of segment ``number``: the one that ``Bureau.seal(number)`` writes."""
    return sha256(f"segment {number}".encode()).hexdigest()


def party(number: int) -> str:
    """Return who is the party of a case, one of some ten thousand names."""
    first, second = GIVEN[number // 20 % 27], GIVEN[number // 540 % 27]
    return FAMILIES[number % 20] + first + second


def fill(path: Path, size: int, people: Sequence[str], cases: dict[int, str], applied: int) -> None:
    """Make a catalogue of ``size`` labelled segments; raises as ``rebuild``.

    ``people``: who labelled them, in turn; ``cases``: pseudonyms of some cases by their number;
    ``applied``: how far it says that it has come.
    """
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    oldest = newest - timedelta(seconds=EVERY_S * size)
    rebuild(sqlite_url(path), _batches(size, int(oldest.timestamp() * 1000), people, cases))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET applied = ?", (applied,))
    connection.close()


def _batches(
    size: int, oldest: int, people: Sequence[str], cases: dict[int, str]
) -> Iterator[Projected]:
    for start in range(0, size, BATCH):
        stop = min(start + BATCH, size)
        rows: dict[str, list[Row]] = {}
        for number in range(start, stop):
            at = oldest + number * EVERY_S * 1000
            for name, row in (*_sighted(number, at), *_labelled(number, people, cases)):
                rows.setdefault(name, []).append(row)
        yield Projected(start, stop - start, rows)


def _sighted(number: int, at: int) -> Iterator[tuple[str, Row]]:
    entry, docking = FIRST_SIGHTING + number, number // FILES_OF_A_DOCKING
    digest, kind = digest_of_segment(number), KINDS[number % len(KINDS)]
    recorder, slot = f"r:{docking % RECORDERS:064x}", f"slot-{docking % SLOTS}"
    if number % FILES_OF_A_DOCKING == 0:
        yield "dockings", {
            "entry": entry, "docking": f"d:{docking:032x}", "recorder": recorder, "slot": slot,
            "driver": "disk", "opened_at": at, "battery": 80, "after": "keep",
        }  # fmt: skip
    yield "segments", {
        "entry": entry, "sha256": digest, "size": 100 << 20, "kind": kind, "container": "mp4",
        "duration_ms": 300_000, "codecs": "h264 aac", "width": 1920, "height": 1080,
        "sealed_at": at + 60_000,
    }  # fmt: skip
    yield "sightings", {
        "entry": entry, "segment": entry, "docking": f"d:{docking:032x}", "line": number % 40,
        "inventory": entry, "recorder": recorder, "slot": None, "kind": kind,
        "important": number % 20 == 0, "at": at, "claimed_at": at, "claimed_from": "name",
        "corrected_at": None,
    }  # fmt: skip
    yield "sighting_private", {
        "entry": entry, "segment": entry, "at": at, "path": f"DCIM/{number}.MP4", "maker": "DCAM",
        "device": f"CAM{docking % RECORDERS:03}", "officer": f"{docking % RECORDERS:06}",
        "number": number % 1000,
    }  # fmt: skip
    if number % 10 == 0:
        finding = FINDINGS[number // 10 % len(FINDINGS)] if number % 1000 else "truncated"
        yield "sighting_findings", {"entry": entry, "finding": finding, "at": at}
        yield "findings", {
            "entry": entry, "n": 0, "finding": finding, "docking": f"d:{docking:032x}",
            "line": number % 40, "segment": entry, "facts": "{}",
        }  # fmt: skip


def _labelled(
    number: int, people: Sequence[str], cases: dict[int, str]
) -> Iterator[tuple[str, Row]]:
    entry, case = FIRST_LABEL + number, number // OF_A_CASE
    no_case = "patrol" if case % 9 == 0 else None
    yield "labels", {
        "entry": entry, "sha256": digest_of_segment(number), "step": None, "no_case": no_case,
        "list": None if no_case else LIST,
        "item": None if no_case else ITEMS[case % len(ITEMS)], "complete": number % 50 != 0,
        "sensitivity": "none", "corrects": None,
        "case": None if no_case else cases.get(case) or f"c:{case:064x}",
    }  # fmt: skip
    yield "label_people", {"entry": entry, "person": people[case % len(people)]}
    said = WORDS[case % len(WORDS)] if number % RARE_EVERY else RARE
    told: dict[str, str | None] = {
        "cause": None if no_case else CAUSES[case % len(CAUSES)],
        "party": None if no_case else party(case),
        "case_number": None if no_case else case_number(case),
        "place": PLACES[case % len(PLACES)] + f"{case % 300}号",
        "words": said,
    }
    yield "label_private", {"entry": entry, **told, "grams": grams(told.values())}


def case_number(case: int) -> str:
    """Return what a case is called."""
    return f"城执〔2026〕{case:06}号"
