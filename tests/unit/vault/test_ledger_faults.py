"""Every durable step broken in both ways: nothing acknowledged is lost, nothing stands twice."""

import shutil

import pytest

from evidence.errors import FsyncFailedError, LedgerUnavailableError, NoSpaceError, VaultError
from tests.unit.vault.ledgers import (
    DOCKING,
    Breaker,
    check_tree,
    create,
    draft,
    reopen,
    secret_draft,
)
from vault import staging
from vault.commit import COMMIT_STEPS, FINISHING_STEPS
from vault.founding import FOUNDING_STEPS
from vault.places import places_of

UNSIGNED = ("ledger.keys", "ledger.statements", "ledger.stage")  # nothing is signed before these
WAYS = [False, True]  # failed; done, but reports failure
BROKEN_BATCHES = [
    (step, applied, nth)
    for step in COMMIT_STEPS
    for applied in WAYS
    for nth in (range(1, 6) if step == "ledger.apply" else [1])  # tiles of the batch below
]
BEFORE, AFTER = 253, 257  # the batch ends one tile and begins the next, at two levels
BATCH = [secret_draft(officer=str(number)) for number in range(AFTER - BEFORE)]


@pytest.fixture
def steps():
    return Breaker()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    home = tmp_path_factory.mktemp("template")
    store = create(home)
    store.append([draft()] * (BEFORE - 2) + [secret_draft(officer="first")])
    store.close()
    return home


@pytest.fixture
def store(template, tmp_path, steps):
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    made = reopen(tmp_path, steps=steps)
    yield made
    made.close()


def whole(home, store):
    """Check the tree and every statement; return how many entries there are."""
    leaves = check_tree(home)
    for index in range(BEFORE - 1, store.size):
        assert store.statement(index).of == DOCKING
    return len(leaves)


@pytest.mark.parametrize("fault", BROKEN_BATCHES, ids=str)
def test_a_broken_step_loses_and_doubles_nothing(store, steps, tmp_path, fault):
    step, applied, nth = fault
    steps.aim(step, applied=applied, nth=nth)
    with pytest.raises(VaultError) as told:
        store.append(BATCH)
    assert len(check_tree(tmp_path)) in {BEFORE, AFTER}  # at every moment a whole tree is published
    steps.rest()
    store.close()
    again = reopen(tmp_path)
    signed = step not in UNSIGNED and (step, applied) != ("ledger.lock", False)
    assert whole(tmp_path, again) == (AFTER if signed else BEFORE)
    assert (told.value.word == "ledger_outcome_unknown") == (step not in UNSIGNED)
    assert again.append(BATCH).indexes[0] == (AFTER if signed else BEFORE)
    check_tree(tmp_path)
    assert not list(places_of(tmp_path).staging.iterdir())
    again.close()


@pytest.mark.parametrize("applied", WAYS)
@pytest.mark.parametrize("step", UNSIGNED)
def test_when_nothing_is_signed_the_same_process_goes_on(store, steps, tmp_path, step, applied):
    steps.aim(step, applied=applied)
    with pytest.raises(VaultError, match="planted"):
        store.append(BATCH)
    steps.rest()
    assert store.append(BATCH).indexes[0] == BEFORE
    assert whole(tmp_path, store) == AFTER
    assert not list(places_of(tmp_path).staging.iterdir())


@pytest.mark.parametrize("applied", WAYS)
@pytest.mark.parametrize("step", COMMIT_STEPS[3:])
def test_when_the_outcome_is_unknown_the_process_writes_no_more(store, steps, step, applied):
    steps.aim(step, applied=applied)
    with pytest.raises(LedgerUnavailableError, match="ledger_outcome_unknown"):
        store.append(BATCH)
    steps.rest()
    with pytest.raises(LedgerUnavailableError, match="ledger_stopped"):
        store.append([draft()])
    assert store.stopped is not None


def test_every_caller_of_a_broken_batch_is_told(store, steps):
    steps.aim("ledger.publish", applied=False)
    conflict = draft(expect={DOCKING: 99})
    outcomes = store.append_many([[draft()], [conflict], [draft()], [draft()] * 256])
    words = [outcome.word for outcome in outcomes]
    assert words == ["ledger_outcome_unknown"] * 3 + ["ledger_stopped"]


@pytest.mark.parametrize("applied", WAYS)
@pytest.mark.parametrize("step", [*FINISHING_STEPS, "ledger.subjects"])
def test_what_breaks_behind_the_callers_stops_and_is_done_at_the_next_start(
    store, steps, tmp_path, step, applied
):
    steps.aim(step, applied=applied)
    assert store.append(BATCH).size == AFTER
    assert store.last(DOCKING) == AFTER - 1
    with pytest.raises(LedgerUnavailableError, match="ledger_stopped"):
        store.append([draft()])
    steps.rest()
    store.close()
    again = reopen(tmp_path)
    assert whole(tmp_path, again) == AFTER
    assert again.last(DOCKING) == AFTER - 1
    assert not list(places_of(tmp_path).staging.iterdir())
    again.close()


def test_names_that_were_not_synced_are_synced_by_the_next_start(store, tmp_path, monkeypatch):
    store.append_many([BATCH])
    store.close()  # cut: the callers were told, and nothing else
    synced = []
    real = staging.sync_directory
    monkeypatch.setattr(
        staging, "sync_directory", lambda path: (synced.append(path), real(path))[1]
    )
    reopen(tmp_path).close()
    tree = places_of(tmp_path).ledger
    entries, hashes = tree / "tile" / "entries", tree / "tile" / "0"
    assert {tree, entries, entries / "001.p", hashes, hashes / "001.p"} <= set(synced)


@pytest.mark.parametrize("applied", WAYS)
@pytest.mark.parametrize("step", [*COMMIT_STEPS[4:], *FINISHING_STEPS])
def test_a_start_that_is_cut_is_begun_again(store, steps, tmp_path, step, applied):
    steps.aim("ledger.lock", applied=True)
    with pytest.raises(LedgerUnavailableError):
        store.append(BATCH)
    store.close()
    steps.aim(step, applied=applied)
    with pytest.raises(VaultError, match="planted"):
        reopen(tmp_path, steps=steps)
    again = reopen(tmp_path)
    assert whole(tmp_path, again) == AFTER
    again.close()


BROKEN_FOUNDINGS = [
    (step, applied)
    for step in (*FOUNDING_STEPS, *COMMIT_STEPS[2:], *FINISHING_STEPS, "ledger.subjects")
    for applied in WAYS
]


@pytest.mark.parametrize(("step", "applied"), BROKEN_FOUNDINGS)
def test_a_founding_that_is_cut_is_gone_on_with(tmp_path, steps, step, applied):
    steps.aim(step, applied=applied)
    with pytest.raises(VaultError):
        create(tmp_path, steps=steps)
    exists = places_of(tmp_path).vkey.exists()
    store = reopen(tmp_path) if exists else create(tmp_path)
    assert whole(tmp_path, store) == 1
    assert store.entry(0).type == "ledger.started"
    store.close()


@pytest.mark.parametrize("error", [NoSpaceError, FsyncFailedError])
def test_a_full_disk_is_survived_and_a_failed_sync_is_not(store, steps, error):
    steps.aim("ledger.stage", applied=False)
    steps.error = error
    with pytest.raises(VaultError) as told:
        store.append([draft()])
    survived = error is NoSpaceError
    assert (told.value.word == "planted") == survived
    assert (store.stopped is None) == survived


def test_an_error_that_nobody_planned_for_stops_too(store, monkeypatch):
    monkeypatch.setattr("vault.commit.signed_head", lambda *_: 1 // 0)
    with pytest.raises(LedgerUnavailableError, match="ledger_stopped"):
        store.append([draft()])
    assert isinstance(store.stopped, ZeroDivisionError)
