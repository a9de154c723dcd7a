"""Ten thousand spoilt files: told, or refused in declared words, with cuts that tile them.

``make fuzz`` grinds a million (``test_fuzz.py``); the seeds here are not among those.
"""

import pytest

from appliance.births import CradleKeeper
from appliance.children import FencedParsers
from evidence.findings import Finding, Noted
from evidence.media import Media
from evidence.slices import check_cuts
from ingest.probe import probe
from tests.hostile import grind, mutants
from tests.hostile.grinding import ground
from tests.hostile.mutants import ALL, mutant
from tests.unit.appliance.sources import BytesSource

CASES, PARTS = 10_000, 4
FENCED = 300
MEMORY_MIB = 512
# What a fenced child may be ended with; which it was stands in the finding.
WORDS = {"parser_refused", "parser_memory", "parser_deadline"}


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_mutants_are_told_or_refused_and_their_cuts_tile(part, tmp_path):
    each = CASES // PARTS
    counts = ground("media", range(part * each, (part + 1) * each), tmp_path, 240)
    assert counts["told"] + counts.get("refused", 0) + counts.get("memory", 0) == each
    assert counts["told"] > each * 9 // 10, "mutants that are all refused test nothing"
    assert counts["memory_mib"] < MEMORY_MIB


def test_mutants_through_the_real_fence_are_told_and_no_child_crashes():
    keeper = CradleKeeper()
    parsers = FencedParsers(cradle=keeper.descriptor())
    failed = {}
    for seed in range(FENCED):
        name, data = mutant(seed)
        media = probe(BytesSource(data), f"{name}.mp4", parsers)
        check_cuts(media.cuts, len(data))
        if media.parser == "none/1":
            failed[seed] = media.noted[0].facts["because"]
    parsers.close()
    keeper.close()
    assert set(failed.values()) <= WORDS
    assert len(failed) < FENCED // 10


def test_every_scene_and_every_bomb_is_among_the_mutants():
    assert {mutant(seed)[0] for seed in range(CASES)} == set(ALL)


def test_a_mutant_is_the_same_for_its_seed_and_is_damaged():
    assert mutant(5) == mutant(5)
    spoilt = sum(mutant(seed)[1] != mutants.original(mutant(seed)[0]) for seed in range(200))
    assert spoilt > 150


# The grinder finds what it is there for: each fault is planted.


def planted(monkeypatch, fault):
    monkeypatch.setattr(grind.probe_task, "probe", fault)
    monkeypatch.setitem(grind.TASKS, "probe", fault)
    return grind.media_case


def raises(error):
    def fault(_source, _request):
        raise error

    return fault


@pytest.mark.parametrize(
    "error", [KeyError("x"), RecursionError(), ZeroDivisionError(), OSError(5)]
)
def test_the_grinder_finds_an_undeclared_error(monkeypatch, tmp_path, error):
    with pytest.raises(grind.Promise, match="seed 7"):
        grind.grind(planted(monkeypatch, raises(error)), range(7, 8), tmp_path / "note")
    assert (tmp_path / "note").read_bytes().startswith(b"7 ")


def test_the_grinder_finds_an_answer_that_is_none(monkeypatch, tmp_path):
    broken = planted(monkeypatch, lambda _source, _request: {"kind": "film"})
    with pytest.raises(grind.Promise):
        grind.grind(broken, range(7, 8), tmp_path / "note")


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("import ctypes; ctypes.string_at(1)", -11),
        ("while True: pass", 1),
        ("bytearray(1 << 33)", 1),
    ],
)
def test_a_crash_a_hang_and_greed_are_told_with_their_seed(monkeypatch, tmp_path, how, code):
    script = (
        "import sys; from tests.hostile import grind; grind.CASE_LIMIT_S = 0.5\n"
        "def case(seed):\n"
        f"    if seed == 3: exec({how!r})\n"
        "    return 'told'\n"
        "grind.media_case = case\n"
        "grind.main(sys.argv[1:])\n"
    )
    monkeypatch.setattr("tests.hostile.grinding.COMMAND", ("-c", script))
    with pytest.raises(AssertionError, match=rf"seed 3 ended it with {code}"):
        ground("media", range(1, 6), tmp_path, 60)


def test_a_refusal_in_another_word_is_noticed(monkeypatch, tmp_path):
    def crashed(source, _name, _parsers):
        del source
        finding = Noted(Finding.PROBE_FAILED, {"because": "parser_crashed"})
        return Media("unknown", None, None, None, (), (), (finding,), "none/1")

    monkeypatch.setattr(grind, "probe", crashed)
    monkeypatch.setattr(grind, "check_cuts", lambda _cuts, _size: None)
    with pytest.raises(grind.Promise):
        grind.grind(grind.media_case, range(7, 8), tmp_path / "note")
