"""What the catalogue proposes for disposal: all that the ledger lets go, and little else."""

from datetime import timedelta

import pytest
from sqlalchemy import false
from sqlalchemy.dialects import postgresql

from custody import candidates as bounds
from custody.candidates import wanted_of
from custody.gaps import NEEDS_WORDS
from custody.kept import AHEAD, CLOCKS
from custody.shelf import read_shelf
from evidence.candidates import CANDIDATES_LIMIT, Figure
from evidence.errors import UsageError
from evidence.keeping import KEEPING
from tests.fakes.aging import BY_TIME, PACKS, RULES, Aging, Life, live
from tests.fakes.desk import person
from tests.fakes.house import SHANGHAI
from tests.fakes.kept import new_id
from vault import candidates
from vault.tables import GAPS

SEEDS = range(8)
LATER = (0, 100, 300, 800)  # days after a history
YEAR = timedelta(days=365)


def forgotten(seed, folder):
    """Return what the ledger lets go, or what is over, and the catalogue does not propose."""
    years = live(seed)
    reader = years.catalogue(folder / f"{seed}.sqlite")
    missed = []
    for days in LATER:
        now, month = years.now + timedelta(days=days), timedelta(days=30)
        missed += years.due(now) - years.proposed(reader, now)
        missed += years.over(now, month) - years.proposed(reader, now, month, blocked=True)
    reader.close()
    return missed


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_the_ledger_lets_go_is_proposed(seed, tmp_path):
    assert forgotten(seed, tmp_path) == []


def test_the_histories_have_something_to_forget_and_something_to_leave_out():
    years = [live(seed) for seed in SEEDS]
    due = sum(len(each.due(each.now + YEAR)) for each in years)
    assert len(SEEDS) < due < sum(len(each.here) for each in years) / 2


PLANTED = {  # what is put in its place, and the first history in which that shows
    "a hold that was released": (6, candidates, "_released", false),
    "a mark that was answered": (1, candidates, "_answered", lambda _entry: false()),
    "a question that was answered": (29, candidates, "_answered_to", false),
    "a case that was closed": (2, candidates, "_closed_before", lambda _day: false()),
    "a disposal that was undone": (1, candidates, "_disposing", lambda: candidates._there(
        candidates._about.c.subject == candidates._SUBJECT,
        candidates._listed.c.entry == candidates._about.c.entry)),
    "a gap that was accepted": (11, candidates, "_open_gap", lambda: candidates._there(
        candidates._seam.c.before == candidates._SUBJECT)),
    "a label of another list": (2, candidates, "_keeps", lambda bound: (
        candidates._label.c.item.in_(bound.items) if bound.items else false())),
    "everything that was seen twice": (2, candidates, "_sealed_again", lambda: candidates._seen_so(
        candidates._seen.c.entry > candidates.segments.c.entry)),
    "a month": (0, bounds, "kept_since", lambda period, grace, at, zone, real=bounds.kept_since:
        real(period, grace, at - timedelta(days=31), zone)),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_a_question_that_forgets_something_is_found(what, monkeypatch, tmp_path):
    first, *planted = PLANTED[what]
    monkeypatch.setattr(*planted)
    assert any(forgotten(seed, tmp_path) for seed in range(first, first + 40))


# --- what it leaves out -------------------------------------------------------------------------


class Shown:
    """One labelled segment that is over, and what the catalogue says of it."""

    def __init__(self, folder):
        self.years, self.folder, self.made = Aging(), folder, 0
        self.years.adopt(rule=RULES, case_file="1 years")
        self.years.dock()

    def seal(self, *, label="", **more):
        self.segment = self.years.seal(corrected=self.years.now, **more)
        if label is not None:
            self.years.label(self.segment, label or None, officers=("officer",))
        return self.segment

    @property
    def now(self):
        return self.years.now + YEAR

    def reader(self):
        self.made += 1
        return self.years.catalogue(self.folder / f"{self.made}.sqlite")

    def proposed(self, days=0, **more):
        now, reader = self.now + timedelta(days=days), self.reader()
        found = self.years.proposed(reader, now, **more)
        reader.close()
        return found

    def blocked(self):
        reader = self.reader()
        found = reader.blocked(self.now)
        reader.close()
        return {code: each.count for code, each in found.items() if each.count}


@pytest.fixture
def shown(tmp_path):
    return Shown(tmp_path)


def _unlabelled(shown):
    shown.seal(label=None)
    return lambda: shown.years.label(shown.segment)


def _incomplete(shown):
    shown.seal(label=None)
    shown.years.label(shown.segment, complete=False)
    return lambda: shown.years.label(shown.segment)


def _secret(shown):
    shown.seal(label=None)
    shown.years.label(shown.segment, sensitivity="state_secret")
    return lambda: shown.years.label(shown.segment)


def _gap(shown):
    seams = shown.years.gap(shown.seal(), None)
    explained = shown.years.explain(seams, shown.segment)
    return lambda: shown.years.answer(explained, "accepted", shown.segment)


def _mark(shown):
    shown.seal(important=True)
    return lambda: shown.years.resolve(shown.segment)


def _ahead(shown):
    shown.years.seal(corrected=None)
    shown.years.dock("at_least")
    shown.segment = shown.years.seal(claimed=shown.years.now)
    shown.years.label(shown.segment)
    return lambda: shown.years.resolve(shown.segment)


def _reset(shown):
    shown.segment = shown.years.seal(claimed=shown.years.now, noted=("clock_reset",))
    shown.years.label(shown.segment)
    return lambda: shown.years.resolve(shown.segment)


def _tomorrow(shown):
    shown.segment = shown.years.seal(corrected=shown.years.now + AHEAD * 2)
    shown.years.label(shown.segment)
    return lambda: shown.years.resolve(shown.segment)


def _conflict(shown):
    shown.years.dock("measured", "identity_conflict")
    shown.seal()
    return lambda: shown.years.resolve_holder(shown.segment, "officer")


def _observed(shown):
    shown.seal()
    shown.years.observe("identity_conflict")
    return lambda: shown.years.resolve(shown.segment)


def _complaint(shown):
    request = shown.years.ask(shown.seal(), purpose="complaint")
    body = {"request": shown.years.asked, "answer": "not_needed"}
    about = (request, KEEPING)
    return lambda: shown.years.write("proposal.declined", about, body, {"reason": "x"}, of=request)


def _asked(shown):
    request = shown.years.ask(shown.seal(), days=400)
    return lambda: shown.years.grant(shown.segment, request, answer="deny")


def _held(shown):
    hold = shown.years.hold(shown.seal())
    return lambda: shown.years.release(hold)


def _held_case(shown):
    hold = shown.years.hold(of=shown.years.case("7"))
    shown.years.label(shown.seal(label=None), case="7")
    return lambda: shown.years.release(hold)


def _window(shown, of):
    since, until = shown.years.now - timedelta(days=1), shown.years.now + timedelta(days=1)
    hold = shown.years.hold(of=of, since=since, until=until)
    shown.seal()
    return lambda: shown.years.release(hold)


def _recorder(shown):
    return _window(shown, shown.years.bureau.recorder())


def _officer(shown):
    return _window(shown, person("officer"))


def _disposing(shown):
    disposal, now = new_id("x"), "2026-11-22T12:00:00.000Z"
    body = {**BY_TIME, "disposal": disposal, "now": now, "bytes": 1, "count": 1, "root": "00"}
    about = (disposal, KEEPING, shown.seal())
    shown.years.write("disposal.proposed", about, {**body, "warning_until": now})
    over = {"disposal": disposal}
    return lambda: shown.years.write("disposal.undone", (disposal, KEEPING), over)


BLOCKED = {
    _unlabelled: "unlabelled", _incomplete: "unlabelled", _secret: "state_secret",
    _gap: "open_gap", _mark: "mark", _ahead: "clock", _reset: "clock", _tomorrow: "clock",
    _conflict: "quarantine", _observed: "quarantine", _complaint: "proposed",
    _asked: "open_request", _held: "held", _held_case: "held", _recorder: "held",
    _officer: "held", _disposing: "disposing",
}  # fmt: skip


@pytest.mark.parametrize("forbid", BLOCKED, ids=lambda each: each.__name__)
def test_what_something_forbids_is_not_proposed_until_that_has_ended(forbid, shown):
    end, code = forbid(shown), BLOCKED[forbid]
    assert shown.segment not in shown.proposed()
    assert shown.blocked()[code] == 1
    assert shown.segment in shown.proposed(blocked=True)
    end()
    assert code not in shown.blocked()
    assert shown.segment in shown.proposed(days=9)
    later = shown.now + timedelta(days=9)
    assert shown.years.is_due(shown.segment, later)


def test_what_is_kept_longer_by_its_item_is_proposed_when_that_is_over(shown):
    long, never = shown.seal(label="b"), shown.seal(label="d")
    assert shown.proposed() == set()
    assert shown.proposed(days=500) == {long} != {never}


def test_what_is_kept_like_its_case_is_proposed_a_year_after_that_was_closed(shown):
    shown.years.label(shown.seal(label=None), "c", "7")
    assert shown.proposed() == shown.proposed(days=5000) == set()
    shown.years.close_case("7", shown.years.now.date().isoformat())
    assert shown.proposed() == set()
    assert shown.proposed(days=100) == {shown.segment}
    shown.years.reopen_case("7")
    assert shown.proposed(days=5000) == set()


def test_what_was_found_again_lately_is_kept_from_then_on(shown):
    shown.seal()
    shown.years.clock.forward(days=300)
    assert shown.segment in shown.proposed()
    shown.years.clock.forward(days=300)
    shown.years.seal(shown.segment)
    assert shown.proposed(days=-300) == set()
    assert shown.segment in shown.years.here or shown.proposed() == {shown.segment}


def test_a_shorter_pack_lets_nothing_go_that_was_sealed_under_a_longer_one(shown):
    shown.years.adopt(**PACKS[2])
    older = shown.seal()
    shown.years.adopt(**PACKS[1])
    newer = shown.seal()
    assert shown.proposed() == {newer}
    assert shown.proposed(days=100) == {older, newer}


def test_what_was_disposed_of_and_docked_again_is_a_new_segment(shown):
    seams = shown.years.gap(shown.seal(), None)
    body = {"disposal": new_id("x"), "now": "2026-11-22T12:00:00.000Z", "source": "attested"}
    body |= {"sha256": shown.segment[2:], "grounds": []}
    shown.years.write("segment.disposed", (shown.segment, body["disposal"]), body)
    assert shown.proposed(blocked=True) == set()
    shown.years.seal(shown.segment, again=True, corrected=shown.years.now)
    shown.years.label(shown.segment)
    assert shown.proposed() == {shown.segment} == shown.years.over(shown.now) | {shown.segment}
    assert seams is not None


def test_without_a_pack_nothing_is_asked():
    years = Aging()
    assert wanted_of(read_shelf(years.ledger), SHANGHAI, years.now, blocked=False) is None


def test_under_a_pack_without_an_end_nothing_is_asked():
    years = Aging()
    years.adopt(standard={"article": "17", "period": "permanent"})
    assert wanted_of(read_shelf(years.ledger), SHANGHAI, years.now, blocked=True) is None


@pytest.mark.parametrize("limit", [0, CANDIDATES_LIMIT + 1])
def test_a_page_has_its_limit(limit, shown):
    shown.seal()
    wanted = wanted_of(read_shelf(shown.years.ledger), SHANGHAI, shown.now, blocked=False)
    reader = shown.reader()
    with pytest.raises(UsageError, match="page_size"):
        reader.candidates(wanted, limit)
    reader.close()


def test_bytes_are_counted_with_their_reason(shown):
    shown.seal(label=None, size=7)
    shown.seal(label=None, size=8)
    reader = shown.reader()
    assert reader.blocked(shown.now)["unlabelled"] == Figure(2, 15)
    reader.close()


def test_an_empty_catalogue_blocks_nothing(shown):
    assert shown.blocked() == {}


# --- what two places say must be the same -------------------------------------------------------


def test_gaps_and_clocks_are_those_of_the_rules():
    assert all(f"'{kind}'" in GAPS for kind in NEEDS_WORDS)
    assert GAPS.count("'") == 2 * len(NEEDS_WORDS)
    assert set(candidates.CLOCKS) == CLOCKS
    assert timedelta(milliseconds=candidates.AHEAD_MS) == AHEAD


def test_postgresql_can_be_asked_the_same():
    years = Life(3).play(20)
    wanted = wanted_of(read_shelf(years.ledger), SHANGHAI, years.now, blocked=False)
    dialect = postgresql.dialect()
    for query in (candidates.candidate_page(wanted, -1, 10), candidates.blocked_sums(years.now)):
        assert str(query.compile(dialect=dialect)).count("EXISTS") > 10


def test_no_part_of_the_question_reads_a_whole_table_for_each_segment(shown):
    shown.seal()
    reader, wanted = shown.reader(), wanted_of(
        read_shelf(shown.years.ledger), SHANGHAI, shown.now, blocked=False
    )  # fmt: skip
    query = candidates.candidate_page(wanted, -1, 10)
    with reader._engine.connect() as connection:
        text = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    reader.close()
    assert [line for line in plan if line.startswith("SCAN")] == []
    assert {"gaps_before", "gaps_after"} <= {line.split(" INDEX ")[-1].split()[0] for line in plan}
