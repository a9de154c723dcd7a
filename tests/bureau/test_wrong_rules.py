"""Wrong rules are planted in the product, one at a time: some history shows each of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

import appliance.keeper
import custody.caught
import custody.destroy
import custody.kept
import custody.retention
import vault.catalogue
from custody.kept import facts_of
from evidence.disposal import Now
from evidence.errors import EvidenceError
from evidence.keeping import Shelf
from tests.bureau.histories import ground, live
from vault.keys import FileKeys
from vault.remover import LocalRemover
from vault.statements import StatementStore

TRIES = 100  # histories, from the first one on, where the one that is named shows it no more


def _days(day, period):
    """Six months are 180 days."""
    return None if period.kind == "permanent" else day + timedelta(days=30 * period.count)


def _first_sighting(past, segment, shelf):
    kept = facts_of(past, segment, shelf)
    return replace(kept, sightings=kept.sightings[-1:])


def _newest_label(labels):
    return iter([(label, None) for label in labels[:1]])


def _nothing(*_args, **_more):
    return ()


def _expects_nothing(ledger, disposal, look, count):
    """What comes between the keeper's look and its writing is not seen."""
    return replace(_DECIDED(ledger, disposal, look, count), expect={})


_DECIDED = custody.destroy._decided
WRONG = {  # what: where it is planted, and a history that shows it
    "a month is thirty days": (custody.retention, "day_after", _days, 0),
    "the grace is forgotten": (custody.retention, "_with_grace", lambda until, *_rest: until, 0),
    "a shorter rule reaches back": (Shelf, "promised", lambda shelf, _since: shelf.in_force(), 10),
    "what is sealed under a clock set back counts from there":
        (Shelf, "no_earlier", lambda _shelf, _entry, at: at, 0),
    "a mark is no hold": (custody.retention, "_marked", _nothing, 1),
    "a label may be taken back alone":
        (custody.retention, "_counts", lambda _said, later: not later, 46),
    "who appears in no label any more is let go":
        (custody.caught, "_with_correction", _newest_label, 5),
    "a time that nobody measured is believed": (custody.kept, "DOUBT", timedelta(), 11),
    "a clock out of order is believed": (custody.retention, "_by_sightings", _nothing, 1),
    "only the first sighting counts": (custody.judging, "facts_of", _first_sighting, 10),
    "what has no label may go": (custody.retention, "_by_label", _nothing, 0),
    "gaps are nobody's business": (custody.kept, "gaps_beside", _nothing, 0),
    "questions are nobody's business": (custody.retention, "_by_access", _nothing, 7),
    "the keeper does not look again": (custody.destroy, "_because", lambda _keeping, _now: [], 1),
    "what comes in between is not seen": (custody.destroy, "_decided", _expects_nothing, 12),
    "our own clock alone is believed":
        (appliance.keeper, "now_of", lambda local, _outside: Now(local, "local"), 0),
    "bytes are left": (LocalRemover, "remove", lambda _remover, _tombstone: "removed", 0),
    "words are left": (StatementStore, "empty", _nothing, 0),
    "keys are left": (FileKeys, "destroy", _nothing, 0),
    "the catalogue forgets nothing": (vault.catalogue, "forget", lambda _connection, _rows: 0, 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def homes():
    with ground() as found:
        yield found


@pytest.mark.parametrize("wrong", WRONG)
def test_a_history_shows_that(homes, monkeypatch, wrong):
    where, name, rule, seed = WRONG[wrong]
    monkeypatch.setattr(where, name, rule)
    assert any(shown(homes, each) for each in (seed, *range(TRIES))), "no history shows it"


def shown(homes, seed):
    try:
        live(homes, seed)
    except (AssertionError, EvidenceError):  # another rule may stumble over it first
        return True
    return False
