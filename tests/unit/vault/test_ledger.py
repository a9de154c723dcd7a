"""The tree is what the standards say, at every size; batches are whole; memory forgets nothing."""

import errno
import os
import stat

import pytest

from evidence.checkpoint import parse
from evidence.entry import Private
from evidence.errors import ConflictError, LedgerUnavailableError, MalformedError, UsageError
from evidence.note import open_note, parse_vkey
from evidence.tiles import all_tiles, parse_path
from tests.unit.vault.ledgers import (
    DOCKING,
    FOUNDING,
    OTHER,
    Breaker,
    check_tree,
    create,
    draft,
    new_docking,
    reopen,
    secret_draft,
    young,
)
from vault import durable
from vault.commit import COMMIT_STEPS, FINISHING_STEPS
from vault.ledger import STEPS
from vault.places import places_of
from vault.reader import LedgerReader


@pytest.fixture
def store(tmp_path):
    made = young(tmp_path)
    yield made
    made.close()


def grow(store, size):
    """Append until the ledger has ``size`` entries, in calls of uneven lengths."""
    step = 1
    while store.size < size:
        count = min(step, size - store.size)
        store.append([draft((new_docking(),)) for _ in range(count)])
        step = step * 3 % 256 or 1


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_the_tree_is_whole_and_its_root_is_that_of_rfc_6962(store, tmp_path, size):
    grow(store, size)
    assert len(check_tree(tmp_path)) == size
    store.close()
    again = reopen(tmp_path)
    again.append([draft()])
    assert len(check_tree(tmp_path)) == size + 1
    again.close()


def test_every_tile_of_the_checkpoint_lies_there_and_only_tiles_do(store, tmp_path):
    grow(store, 600)
    tree = places_of(tmp_path).ledger
    names = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    names.remove("checkpoint")
    assert {tile.path for tile in all_tiles(600)} <= names
    for name in names:
        parse_path(name)


def test_partial_tiles_go_when_the_full_one_is_there_and_not_before(store, tmp_path):
    for _ in range(3):
        store.append([draft()])
    entries = places_of(tmp_path).ledger / "tile" / "entries"
    assert sorted(path.name for path in (entries / "000.p").iterdir()) == ["1", "2", "3", "4"]
    store.append([draft()] * 252)
    assert sorted(path.name for path in entries.iterdir()) == ["000"]
    assert not (entries.parent / "0" / "000.p").exists()


def test_an_older_tree_can_still_be_read_when_its_partial_tiles_are_gone(store, tmp_path):
    store.append([draft(n=number) for number in range(9)])
    store.append([draft()] * 256)
    reader = LedgerReader(places_of(tmp_path).ledger)
    assert [entry.body.get("n") for entry in reader.entries(0, 10, 10)] == [None, *range(9)]


def test_the_checkpoint_is_published_signed_and_under_the_origin(store, tmp_path):
    key = parse_vkey(places_of(tmp_path).vkey.read_text().removesuffix("\n"))
    published = (places_of(tmp_path).ledger / "checkpoint").read_bytes()
    assert published == store.checkpoint()
    assert parse(open_note(published, [key])).origin == FOUNDING.origin == key.name
    assert store.entry(0).body == {
        "origin": FOUNDING.origin,
        "vkey": key.text,
        "software": FOUNDING.software,
    }


def test_many_callers_share_one_checkpoint(store):
    store.settle()
    outcomes = store.append_many([[draft()], [draft(), draft()], [draft()]])
    assert [outcome.indexes for outcome in outcomes] == [(1,), (2, 3), (4,)]
    assert {outcome.size for outcome in outcomes} == {5}


def test_a_batch_ends_before_the_call_that_does_not_fit(store):
    outcomes = store.append_many([[draft()] * 200, [draft()] * 57, [draft()] * 199])
    assert [outcome.size for outcome in outcomes] == [201, 457, 457]


def test_callers_of_one_batch_see_each_other_in_their_order(store):
    outcomes = store.append_many(
        [
            [draft(expect={DOCKING: None})],
            [draft(expect={DOCKING: None})],
            [draft((OTHER,), expect={OTHER: None})],
        ]
    )
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Receipt",
        "ConflictError",
        "Receipt",
    ]
    assert store.size == 3


def test_one_bad_call_does_not_hurt_its_neighbours(store, tmp_path):
    outcomes = store.append_many([[draft()], [draft(n=0.5)], [], [draft()] * 257, [draft()]])
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds[1:4] == [MalformedError, UsageError, UsageError]
    assert [outcomes[0].indexes, outcomes[4].indexes] == [(1,), (2,)]
    assert len(check_tree(tmp_path)) == 3


def test_who_gives_a_signed_statement_twice_hurts_no_neighbour(store, tmp_path):
    signed, other = (Private(DOCKING, {}, salt=digit * 64) for digit in "78")
    store.append([draft(private=signed)])
    outcomes = store.append_many(
        [
            [secret_draft(officer="1")],
            [draft(private=signed)],  # kept by an earlier batch
            [draft(private=other)],
            [draft(private=other)],  # kept by none yet
            [secret_draft(officer="2")],
        ]
    )
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds == ["Receipt", "MalformedError", "Receipt", "MalformedError", "Receipt"]
    assert {outcomes[at].word for at in (1, 3)} == {"statement_repeated"}
    assert [store.statement(index).salt == other.salt for index in (2, 3, 4)] == [
        False,
        True,
        False,
    ]
    assert len(check_tree(tmp_path)) == 5


def test_an_acknowledged_entry_is_known_before_the_index_is(store):
    store.append_many([[draft()]])
    assert store.last(DOCKING) == 1
    with pytest.raises(ConflictError):
        store.append([draft(expect={DOCKING: None})])


def test_statements_survive_and_stay_behind_their_entries(store, tmp_path):
    store.append([secret_draft(officer="1"), draft(), secret_draft(officer="2")])
    store.close()
    again = reopen(tmp_path)
    found = [again.statement(index) for index in range(4)]
    assert [each and each.facts["officer"] for each in found] == [None, "1", None, "2"]
    again.close()


def test_nothing_private_can_be_opened_by_others(store, tmp_path):
    store.append([secret_draft(officer="1")])
    private = places_of(tmp_path).private
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    for path in private.rglob("*"):
        assert path.is_dir() or not path.stat().st_mode & 0o077 or path.name.startswith("index")


def test_the_steps_of_a_batch_come_in_the_order_of_the_design(tmp_path):
    steps = Breaker()
    store = create(tmp_path, steps=steps)
    steps.seen.clear()
    store.append([secret_draft(officer="1")])
    once = list(dict.fromkeys(steps.seen))
    assert once == [*COMMIT_STEPS, *FINISHING_STEPS, "ledger.subjects"]
    store.close()


def test_the_caller_is_told_when_the_checkpoint_is_published_and_the_rest_follows(tmp_path):
    steps = Breaker()
    store = create(tmp_path, steps=steps)
    steps.seen.clear()
    store.append_many([[draft()]])
    assert steps.seen[-1] == "ledger.publish"
    store.settle()
    assert steps.seen[-3:] == [*FINISHING_STEPS, "ledger.subjects"]
    store.close()


def test_every_step_is_in_the_table_and_every_sync_is_in_a_step(tmp_path, monkeypatch):
    steps = Breaker()
    real = os.fsync

    def synced(descriptor):
        assert steps.depth, "a sync outside every step: no fault table can break it"
        real(descriptor)

    monkeypatch.setattr(durable.os, "fsync", synced)
    store = create(tmp_path, steps=steps)
    store.append([secret_draft(officer="1")])
    store.close()
    reopen(tmp_path, steps=steps).close()
    assert set(steps.seen) == set(STEPS)


def test_after_a_failed_sync_nothing_more_is_written(store, tmp_path, monkeypatch):
    def failing(_descriptor):
        raise OSError(errno.EIO, "planted")

    with monkeypatch.context() as patch:
        patch.setattr(durable.os, "fsync", failing)
        with pytest.raises(LedgerUnavailableError, match="ledger_stopped"):
            store.append([draft()])
    assert type(store.stopped).__name__ == "FsyncFailedError"
    with pytest.raises(LedgerUnavailableError, match="ledger_stopped"):
        store.append([draft()])
    assert len(check_tree(tmp_path)) == 1


def test_starting_reads_the_same_few_files_whatever_the_size(store, tmp_path, monkeypatch):
    grow(store, 600)
    store.close()
    read = []
    real = LedgerReader._find
    monkeypatch.setattr(
        LedgerReader, "_find", lambda self, tile: (read.append(tile), real(self, tile))[1]
    )
    reopen(tmp_path).close()
    assert len(read) <= 5
