"""What only somebody with the signing key, or with the shell of the station, can do."""

import secrets

from evidence.canonical import decode, encode
from evidence.entry import Draft, Private
from evidence.findings import Finding
from evidence.ids import new_id
from evidence.keeping import KEEPING, same_alarm
from evidence.note import Signer
from evidence.slices import roll
from tests.tamper.acts import Act, At, act
from tests.tamper.forge import Forger, Shell
from tests.tamper.homes import alarm, later
from vault.keys import load_signer, make_signing_key

# As the catalogue wants it.
DECIDED = {
    **dict.fromkeys(("requests", "spans", "path"), ()),
    **dict.fromkeys(("answer", "act", "approver", "row"), ""),
    **dict.fromkeys(("signature", "confidential_until")),
    "until": "2036-01-01T00:00:00.000Z",
    "times": 1,
}
SOMEBODY = "p:" + "1" * 32
OPENED, INVENTORY, SEALED, CERTIFIED = 1, 2, 3, 6


def forged(home, change):
    """Let a thief of the key change the leaves and put everything back so that it fits."""
    forger = Forger(home)
    change(forger)
    forger.put_back()


@act("entry_malformed", "ledger_refuses")
def an_entry_is_rewritten_with_a_blank_in_it(home):
    forged(home, lambda it: it.leaves.__setitem__(20, it.leaves[20] + b" "))
    return At(20)


@act("seq_wrong", "about_wrong ledger_refuses")
def two_entries_change_places_and_are_signed_anew(home):
    def swap(it):
        it.leaves[30], it.leaves[31] = it.leaves[31], it.leaves[30]

    forged(home, swap)
    return At(30)


@act("time_went_back")
def an_entry_is_dated_back(home):
    forged(home, lambda it: it.change(20, at="2020-01-01T00:00:00.000Z"))
    return At(20)


@act("from_the_future", "audit_unrecorded time_went_back")
def an_entry_is_dated_ahead(home):
    forged(home, lambda it: it.change(len(it.leaves) - 1, at="2036-01-01T00:00:00.000Z"))
    return At(len(home.leaves) - 1)


@act("about_wrong")
def an_entry_is_hidden_from_the_history_of_its_subject(home):
    entry = home.entries("docking.erased")[0]
    docking = next(each for each in entry.about if each.startswith("d:"))
    about = {**entry.about, docking: entry.about[docking] - 1}
    forged(home, lambda it: it.change(entry.seq, about=about))
    return At(entry.seq, docking)


@act("station_wrong")
def an_entry_of_another_station_is_taken_in(home):
    forged(home, lambda it: it.change(20, station="station-2"))
    return At(20)


@act("start_wrong")
def the_first_entry_founds_another_ledger(home):
    forged(home, lambda it: it.change_body(0, origin="house.example/dock/station-1/2"))
    return At(0)


@act("started_again", "catalogue_unreadable")
def the_ledger_begins_a_second_time(home):
    forged(home, lambda it: it.change(20, type="ledger.started", body=home.entries()[0].body))
    return At(20)


@act("body_malformed", "object_unplaced")
def the_body_of_an_entry_loses_its_form(home):
    forged(home, lambda it: it.change_body(SEALED, size=-1))
    return At(SEALED)


@act("statement_absent", "statement_misplaced")
def an_entry_hides_its_statement(home):
    forged(home, lambda it: it.change(OPENED, statement=None))
    return At(OPENED)


@act("subject_wrong", "statement_misplaced")
def an_entry_commits_to_another_statement(home):
    other = home.entries("docking.opened")[1].statement
    pair = {"of": other.of, "sha256": other.sha256}
    forged(home, lambda it: it.change(OPENED, statement=pair))
    return At(OPENED)


@act("inventory_differs", "line_unknown certificate_not_whole")
def an_inventory_is_said_to_have_had_one_file_less(home):
    forged(home, lambda it: it.change_body(INVENTORY, files=2))
    return At(INVENTORY)


@act("subject_wrong")
def a_segment_is_said_to_be_of_another_docking(home):
    body = home.entries()[SEALED].body
    other = next(each for each in home.entries("docking.opened")[1].about if each[0] == "d")
    sighting = {**body["sighting"], "docking": other}
    forged(home, lambda it: it.change_body(SEALED, sighting=sighting))
    return At(SEALED)


@act("object_size", "slices_damaged")
def the_size_of_a_segment_is_rewritten(home):
    forged(home, lambda it: it.change_body(SEALED, size=1))
    return At(SEALED)


@act("slices_differ", "object_unplaced", level="slices")
def slices_were_sealed_that_are_not_those_of_the_bytes(home):
    sealed = home.entries()[SEALED].body
    lines = home.object(sealed["slices"]["sha256"]).read_bytes()
    records = [decode(line) for line in lines.splitlines()]
    records[1]["sha256"] = "ab" * 32
    made, data = roll([encode(record) for record in records])
    path = home.object(made.sha256)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o444)
    slices = {"count": made.count, "root": made.root, "sha256": made.sha256}
    forged(home, lambda it: it.change_body(SEALED, slices=slices))
    return At(SEALED)


@act("tree_ahead", "audit_unrecorded object_unplaced")
def the_tail_is_cut_off_and_the_rest_signed_anew(home):
    forger = Forger(home)
    forger.leaves = forger.leaves[:-3]
    forger.sign()
    forger.move_lock()
    return At()


@act("object_unplaced")
def the_tail_is_cut_off_cleanly_and_its_objects_stay(home):
    def cut(it):
        it.leaves = it.leaves[: home.entries("segment.sealed")[3].seq]

    last = home.entries("segment.sealed")[3]
    forged(home, cut)
    return At(None, f"s:{last.body['sha256']}")


@act("seq_wrong", "about_wrong subject_wrong ledger_refuses")
def an_entry_is_doubled_and_signed_anew(home):
    forged(home, lambda it: it.leaves.insert(30, it.leaves[30]))
    return At(31)


@act("seq_wrong", "about_wrong subject_wrong ledger_refuses")
def an_entry_is_taken_out_and_signed_anew(home):
    forged(home, lambda it: it.leaves.pop(30))
    return At(30)


@act("subject_wrong", "statement_misplaced seal_unknown erased_uncertified")
def an_entry_is_inserted_and_everything_behind_it_linked_anew(home):
    def insert(it):
        it.leaves.insert(INVENTORY, it.leaves[20])
        it.relink()

    forged(home, insert)
    return At(SEALED + 1)


@act("ledger_refuses", "object_unplaced")
def the_tail_is_cut_off_cleanly_but_the_lock_database_remembers(home):
    forger = Forger(home)
    forger.leaves = forger.leaves[:-3]
    forger.write_tree()
    forger.sign()
    return At()


@act("ledger_refuses")
def history_is_rewritten_but_the_lock_database_remembers(home):
    forger = Forger(home)
    forger.change_body(20, alarm="y")
    forger.write_tree()
    forger.sign()
    return At()


@act("origin_wrong", "signature_wrong ledger_refuses")
def the_checkpoint_is_signed_for_another_origin(home):
    forger = Forger(home)
    name = "house.example/dock/station-2/1"
    forger.signer = Signer(name, forger.signer._private)
    forger.sign()
    return At()


@act("signature_wrong", "ledger_refuses")
def the_checkpoint_is_signed_with_another_key(home):
    forger = Forger(home)
    other = home.path / "other.key"
    make_signing_key(other)
    forger.signer = load_signer(other, forger.signer.verifier.name)
    forger.sign()
    return At()


# --- entries that those before do not allow ---------------------------------------------------


@act("docking_unknown", "no_inventory")
def a_segment_of_a_docking_that_never_was(home):
    shell = Shell(home)
    return At(home.append(shell.see()), shell.docking)


@act("no_inventory")
def a_segment_before_the_inventory(home):
    shell = Shell(home)
    return At(home.append(shell.open(), shell.see()) + 1, shell.docking)


def begun(home, *acts):
    """Begin a docking, then append what ``acts`` say; point at the last of it."""
    shell = Shell(home)
    shell.begin()
    for each in acts:
        index = home.append(each(shell))
    return At(index), shell


@act("docking_opened_twice")
def a_docking_is_opened_twice(home):
    at, shell = begun(home, lambda it: it.open())
    return At(at.entry, shell.docking)


@act("docking_goes_on")
def a_docking_goes_on_after_its_end(home):
    return begun(home, lambda it: it.end(), lambda it: it.see())[0]


@act("inventory_twice")
def a_second_inventory_is_taken(home):
    return begun(home, lambda it: it.take_inventory(3))[0]


@act("inventory_differs")
def an_inventory_counts_other_files_than_it_lists(home):
    shell = Shell(home)
    return At(home.append(shell.open(), shell.take_inventory(2, told=1)) + 1, shell.docking)


@act("line_unknown")
def a_file_is_sighted_that_is_not_in_the_inventory(home):
    return begun(home, lambda it: it.see(2))[0]


@act("line_twice")
def a_file_is_sighted_twice(home):
    at, shell = begun(home, lambda it: it.see(), lambda it: it.see())
    return At(at.entry, shell.segment)


@act("sealed_twice")
def a_segment_is_sealed_twice(home):
    at, shell = begun(home, lambda it: it.seal())
    return At(at.entry, shell.segment)


@act("seal_unknown")
def a_segment_is_seen_that_was_never_sealed(home):
    return begun(home, lambda it: it.see(sealed=0))[0]


@act("object_missing", "slices_missing")
def a_segment_is_sealed_whose_bytes_never_came(home):
    fields = {"sha256": "ab" * 32, "slices": {"count": 1, "root": "cd" * 32, "sha256": "ef" * 32}}
    at, _ = begun(home, lambda it: it.seal(**fields))
    return At(at.entry, f"s:{'ab' * 32}")


@act("certified_unsealed", "certified_otherwise")
def a_certificate_names_a_file_that_is_not_in_custody(home):
    return begun(home, lambda it: it.certify((1,)))[0]


@act("certified_not_whole")
def a_certificate_names_a_file_that_was_not_read_whole(home):
    short = (str(Finding.SHORTER_THAN_LISTED),)
    return begun(home, lambda it: it.see(noted=short), lambda it: it.certify())[0]


@act("certified_not_whole")
def a_certificate_names_a_file_that_was_only_sampled(home):
    return begun(home, lambda it: it.see(read="sampled"), lambda it: it.certify())[0]


@act("certified_otherwise")
def a_certificate_names_other_segments_than_lines(home):
    return begun(home, lambda it: it.see(), lambda it: it.certify(named=()))[0]


@act("certificate_not_whole")
def a_certificate_says_that_nothing_else_lies_there(home):
    return begun(home, lambda it: it.see(), lambda it: it.certify(whole=True))[0]


@act("erased_uncertified")
def a_recorder_forgot_without_a_certificate(home):
    return begun(home, lambda it: it.see(), lambda it: it.erase(0))[0]


@act("erased_uncertified")
def a_recorder_forgot_under_the_certificate_of_another_docking(home):
    return begun(home, lambda it: it.see(), lambda it: it.erase(CERTIFIED))[0]


@act("seam_unknown")
def a_seam_speaks_of_a_file_that_is_not_in_custody(home):
    return begun(home, lambda it: it.judge(it.segment, [1, None]))[0]


@act("docking_counts")
def an_end_claims_more_than_the_ledger_has(home):
    return begun(home, lambda it: it.end(sealed=5))[0]


@act("look_open")
def a_look_is_opened_and_the_count_of_what_left_is_removed(home):
    grant = new_id("g", bytes(16))
    body = {"grant": grant, "use": 1, "spans": [], "where": "cli"}
    index = home.append(Draft("copy.opened", "sys:local", (grant,), body))
    home.clock = later(48)
    return At(index, grant)


@act("rules_unadopted")
def a_decision_is_made_under_rules_that_nobody_adopted(home):
    about = (new_id("p", bytes(16)), new_id("q", bytes(16)))
    return At(home.append(Draft("request.decided", about[0], about, {**DECIDED, "rules": "00"})))


@act("week_wrong")
def a_week_is_closed_before_it_is_over_and_nothing_is_missing(home):
    unit = "u:" + "1" * 32
    times = {"since": "2026-11-15T16:00:00.000Z", "until": "2026-11-22T16:00:00.000Z"}
    body = {
        "unit": unit, "week": "2026-W47", **times, "zone": "Asia/Shanghai",
        "counted_at": "2026-11-20T16:00:00.000Z", "late_after_s": 28800, "missing": [],
        **dict.fromkeys(("segments", "bytes", "dockings", "late", "unlabelled"), 0),
        **dict.fromkeys(("open_gaps", "out", "more"), 0), "closes_again": None,
        "checkpoint": {"size": 1, "root": "0" * 64},
    }  # fmt: skip
    return At(home.append(Draft("week.closed", SOMEBODY, (KEEPING, unit), body)), unit)


@act("seconded_alone")
def one_person_attests_a_day_as_two(home):
    body = {"day": "2026-11-22", "first": None}
    first = home.append(Draft("time.attested", SOMEBODY, (KEEPING,), body))
    return At(home.append(Draft("time.attested", SOMEBODY, (KEEPING,), {**body, "first": first})))


@act("first_unknown")
def a_day_is_seconded_that_nobody_has_said(home):
    body = {"day": "2026-11-22", "first": 0}
    return At(home.append(Draft("time.attested", SOMEBODY, (KEEPING,), body)))


def answered(home, **changes):
    body = {"alarm": "object_rotten", "facts": {}}
    raised = home.append(Draft("alarm.raised", "sys:ingest", (KEEPING,), body))
    told = {"alarm": raised, "same": same_alarm("object_rotten", (KEEPING,)), "audit": None}
    body = {**told, "answer": "no_harm", **changes}
    return At(home.append(Draft("alarm.acknowledged", SOMEBODY, (KEEPING,), body)))


@act("alarm_unknown")
def an_answer_takes_another_alarm_for_its_own(home):
    return answered(home, same="0" * 64)


@act("cleared_unproven")
def a_doubt_about_bytes_is_ended_without_an_audit(home):
    return answered(home, audit=0)


@act("body_malformed")
def an_entry_without_the_subject_it_speaks_of(home):
    return At(home.append(Draft("docking.ended", "sys:ingest", (), {"sealed": 0, "seen": 0})))


@act("body_malformed")
def an_alarm_that_tells_nothing(home):
    return At(home.append(Draft("alarm.raised", "sys:ingest", (), {"alarm": 7})))


@act("body_malformed")
def a_statement_in_which_a_name_is_a_number(home):
    docking = new_id("d", secrets.token_bytes(16))
    body = {"slot": "1", "driver": "folder", "battery": None, "sources": [], "after": "keep"}
    private = Private(docking, {"where": "x", "volume": 7})
    return At(home.append(Draft("docking.opened", "sys:ingest", (docking,), body, {}, private)))


@act("statement_absent")
def a_docking_is_opened_without_its_private_facts(home):
    shell = Shell(home)
    return At(home.append(alarm(), shell.open(private=False)) + 1)


ACTS = tuple(each for each in vars().values() if isinstance(each, Act))
