import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from custody.audit import record_audit, unrecorded
from custody.findings import AuditFinding, Found, Remark
from custody.holdings import Level
from evidence.errors import LedgerUnavailableError, VaultUnavailableError
from tests.unit.custody.book import codes
from tests.unit.custody.shift import (
    DOCKING,
    FILES,
    NAMES,
    RECORDER,
    SEGMENTS,
    Shift,
    act,
    started,
    whole_shift,
)

OTHER_DOCKING = "d:" + "1d" * 16
STRANGER = "5e" * 32


@pytest.mark.parametrize("level", Level)
def test_a_shift_on_which_nothing_is_wrong_is_found_clean(level):
    shift = whole_shift()
    report = shift.audit(level, now=shift.book.at)
    assert report.findings == ()
    assert report.clean
    assert (report.segments, report.bytes) == (3, 3700)
    assert (report.entries, report.root) == (10, shift.book.checkpoint().root.hex())
    assert report.verdicts["intact"] == report.verdicts["signed"] == "yes"
    assert report.verdicts["witnessed"] == "not_checked"


def test_several_threads_find_the_same():
    shift = whole_shift()
    shift.objects.objects[NAMES[1]] = b"x" * 700
    with ThreadPoolExecutor(3) as pool:
        report = shift.audit(run=pool.map)
    assert report.findings == shift.audit().findings
    assert report.count == 2


def spoiled(change, level=Level.SLICES):
    shift = whole_shift()
    change(shift)
    return [(str(each.code), each.entry, each.subject) for each in shift.audit(level).findings]


VAULT = {
    "object_missing": lambda shift: shift.objects.objects.pop(NAMES[0]),
    "object_size": lambda shift: shift.objects.objects.update({NAMES[0]: FILES[0][:-1]}),
    "slices_missing": lambda shift: shift.objects.objects.pop(shift.rolls[0]),
    "slices_damaged": lambda shift: shift.objects.objects.update({shift.rolls[0]: b"x"}),
    "object_digest": lambda shift: shift.objects.objects.update({NAMES[0]: bytes(3000)}),
}
SEEN_FROM = {
    "object_missing": Level.PRESENCE,
    "slices_missing": Level.PRESENCE,
    "object_size": Level.SIZE,
    "slices_damaged": Level.SIZE,
    "object_digest": Level.DIGEST,
}
DEPTH = list(Level)


@pytest.mark.parametrize("code", VAULT)
@pytest.mark.parametrize("level", DEPTH)
def test_what_is_done_to_the_vault_is_found_from_its_level_on(code, level):
    found = spoiled(VAULT[code], level)
    deep_enough = DEPTH.index(level) >= DEPTH.index(SEEN_FROM[code])
    assert ((code, 3, SEGMENTS[0]) in found) is deep_enough
    assert all(subject == SEGMENTS[0] for _, _, subject in found)


@pytest.mark.parametrize("level", [Level.DIGEST, Level.SLICES])
@pytest.mark.parametrize("at", [0, 999, 1000, 2500, 2999])
def test_a_flipped_bit_is_found_and_its_slice_is_named(at, level):
    content = bytearray(FILES[0])
    content[at] ^= 1
    shift = whole_shift()
    shift.objects.objects[NAMES[0]] = bytes(content)
    found = shift.audit(level).findings
    assert codes(found) == ["object_digest", "slices_differ"]
    assert found[1].facts == {"slices": 1, "first": at // 1000, "offset": at // 1000 * 1000}


def lying_shift():
    """Return a shift that sealed slices of other bytes, correctly rolled, under a true digest."""
    shift = Shift()
    shift.open()
    shift.inventory()
    shift.files[0] = b"x" * 3000
    made = shift.store(0)
    shift.files[0] = FILES[0]
    shift.objects.objects[NAMES[0]] = FILES[0]
    shift.rolled = {"count": made.count, "root": made.root, "sha256": made.sha256}
    body = {"size": 3000, "sha256": NAMES[0], "slices": shift.rolled, "noted": []}
    body["sighting"] = shift.sighting(0)
    about = (SEGMENTS[0], DOCKING, RECORDER)
    shift.book.write("segment.sealed", body, about, facts={"path": "F0"})
    return shift


def test_slices_that_were_sealed_wrong_are_found_where_slices_are_read():
    assert codes(lying_shift().audit().findings) == ["slices_differ"]
    taken = lying_shift().audit(Level.DIGEST)
    assert taken.clean
    assert Remark.SLICES_TRUSTED in taken.remarks


def test_bytes_that_the_medium_gives_back_wrong_are_found_behind_a_good_cache():
    shift = whole_shift()
    shift.objects.garble = lambda content: content[::-1] if len(content) == 700 else content
    assert codes(shift.audit().findings) == ["object_digest", "slices_differ"]


def test_swapped_objects_are_found():
    shift = whole_shift()
    kept = shift.objects.objects
    kept[NAMES[0]], kept[NAMES[1]] = kept[NAMES[1]], kept[NAMES[0]]
    assert {"object_size", "object_digest"} <= set(codes(shift.audit().findings))


def test_a_roll_that_lies_about_its_slices_is_found_even_under_its_own_digest():
    shift = Shift()
    shift.open()
    shift.inventory()
    made = shift.store(0)
    wrong = {"count": made.count, "root": "00" * 32, "sha256": made.sha256}
    shift.seal(0, slices=wrong)
    found = shift.audit().findings
    assert codes(found) == ["slices_damaged"]
    assert found[0].facts == {"because": "roll_root"}


def test_an_object_that_cannot_be_read_is_one_finding_and_not_the_end():
    shift = whole_shift()
    size = shift.objects.size

    def broken(sha256):
        if sha256 == NAMES[1]:
            raise VaultUnavailableError("vault_io", path="x", because="EIO")
        return size(sha256)

    shift.objects.size = broken
    found = shift.audit().findings
    assert [(str(each.code), each.entry) for each in found] == [("object_unreadable", 4)]


@pytest.mark.parametrize(
    ("name", "content", "ours"),
    [
        (STRANGER, b"put there by hand", False),
        ("../passwd", b"", False),
        ("ab/" + STRANGER, b"", False),
        ("7e6e2e1b", b"", False),
    ],
)
def test_a_stranger_in_the_vault_is_named(name, content, ours):
    shift = whole_shift()
    shift.objects.objects[name] = content
    report = shift.audit()
    assert codes(report.findings) == ["object_unplaced"]
    assert report.findings[0].facts["name"] == name
    assert report.findings[0].facts["ours"] is ours
    assert report.verdicts["intact"] == "yes"
    assert not report.clean


def test_what_a_cut_docking_stored_and_never_sealed_looks_like_ours():
    shift = Shift()
    shift.store(0)
    found = shift.audit().findings
    assert codes(found) == ["object_unplaced"] * 2
    assert {each.facts["ours"] for each in found} == {True}
    assert SEGMENTS[0] in {each.subject for each in found}


def test_a_stranger_that_cannot_be_read_is_named_all_the_same():
    shift = whole_shift()
    shift.objects.objects[STRANGER] = b"x"

    def broken(sha256):
        if sha256 == STRANGER:
            raise VaultUnavailableError("vault_io", path="x", because="EIO")
        return read_back(sha256)

    read_back, shift.objects.read_back = shift.objects.read_back, broken
    found = shift.audit().findings
    assert [(str(each.code), each.facts["ours"]) for each in found] == [("object_unplaced", False)]
    assert shift.audit(Level.SIZE).findings[0].facts["ours"] is True


def test_what_lies_in_the_staging_is_not_accused():
    shift = whole_shift()
    shift.objects.staging["0" * 32] = b"half a file"
    assert shift.audit().clean


def test_what_is_sealed_while_the_audit_runs_is_not_accused():
    shift = Shift()
    shift.open()
    shift.inventory()

    def seal_now(done, of):
        if done == of == 3:
            shift.seal(0)
            shift.book.publish()

    assert shift.audit(tell=seal_now).clean


def without(*steps):
    """Return a shift from which some steps are left out."""
    shift = Shift()
    acts = {
        "open": shift.open,
        "inventory": shift.inventory,
        "seal0": lambda: shift.seal(0),
        "seal1": lambda: shift.seal(1),
        "certify": lambda: shift.certify((0, 1), whole=False),
        "erase": lambda: shift.erase((0, 1)),
        "end": lambda: shift.end(sealed=2),
    }
    for name, step in acts.items():
        if name not in steps:
            step()
    return shift


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        (("open",), "docking_unknown"),
        (("inventory",), "no_inventory"),
        (("seal1",), "certified_unsealed"),
        (("seal1",), "certified_otherwise"),
        (("seal1",), "docking_counts"),
    ],
)
def test_a_step_that_is_missing_is_named(steps, code):
    assert without().audit().clean
    assert code in codes(without(*steps).audit().findings)


def test_a_recorder_that_forgot_without_leave_is_named():
    shift = without("certify", "erase", "end")
    shift.index_of["certified"] = shift.index_of["sealed0"]
    shift.erase((0,))
    found = shift.audit().findings
    assert codes(found) == ["erased_uncertified"]
    assert (found[0].entry, found[0].subject) == (shift.index_of["erased"], DOCKING)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (lambda shift: shift.open(), "docking_opened_twice"),
        (lambda shift: shift.inventory(), "inventory_twice"),
        (lambda shift: shift.seal(0), "sealed_twice"),
        (lambda shift: shift.seal(0), "line_twice"),
        (lambda shift: shift.see(0), "line_twice"),
        (lambda shift: shift.see(0, sealed=0), "seal_unknown"),
        (lambda shift: shift.seal(1, sighting=shift.sighting(3)), "line_unknown"),
        (lambda shift: shift.seal(1, sighting=shift.sighting(1, OTHER_DOCKING)), "subject_wrong"),
        (
            lambda shift: shift.seal(1, sighting={**shift.sighting(1), "inventory": 0}),
            "subject_wrong",
        ),
        (lambda shift: shift.seal(1, sha256=NAMES[2]), "subject_wrong"),
        (lambda shift: shift.seal(1, size=701), "slices_damaged"),
        (lambda shift: shift.judge(0, 1), "seam_unknown"),
        (lambda shift: shift.certify((0,), whole=True), "certificate_not_whole"),
        (lambda shift: shift.certify((0, 1)), "certified_unsealed"),
        (lambda shift: shift.certify((0,), named=[]), "certified_otherwise"),
        (lambda shift: shift.certify((0,), named=[SEGMENTS[1]]), "certified_otherwise"),
        (lambda shift: shift.end(), "docking_counts"),
    ],
)
def test_an_entry_that_those_before_do_not_allow_is_named(step, code):
    assert code in act(step)


def test_a_file_that_was_not_read_whole_may_not_be_forgotten():
    assert act(
        lambda shift: shift.seal(1, noted=["shorter_than_listed"]),
        lambda shift: shift.certify((0, 1)),
    ) == ["certified_not_whole"]


def test_a_file_that_was_only_sampled_may_not_be_forgotten():
    assert act(
        lambda shift: shift.seal(1, read="sampled"),
        lambda shift: shift.certify((0, 1)),
    ) == ["certified_not_whole"]


def test_a_file_left_behind_stands_in_the_inventory():
    def left(line):
        body = {"line": line, "because": "unreadable", "noted": []}
        return lambda shift: shift.book.write("segment.left", body, (DOCKING, RECORDER))

    assert act(left(2)) == []
    assert act(left(3)) == ["line_unknown"]


def test_nothing_happens_in_a_docking_after_its_end():
    assert act(
        lambda shift: shift.end(sealed=1),
        lambda shift: shift.seal(1),
    ) == ["docking_goes_on"]


def test_an_alarm_may_name_a_docking_that_has_ended():
    alarm = {"alarm": "read_back_differs", "facts": {}}
    assert (
        act(
            lambda shift: shift.end(sealed=1),
            lambda shift: shift.book.write("alarm.raised", alarm, (DOCKING,)),
        )
        == []
    )


def test_an_end_may_claim_less_than_the_ledger_has():
    assert act(lambda shift: shift.end(sealed=0)) == []


def test_a_segment_seen_again_in_another_docking_is_fine():
    shift = whole_shift()
    shift.open(OTHER_DOCKING)
    shift.inventory(OTHER_DOCKING)
    shift.see(0, OTHER_DOCKING)
    shift.end(OTHER_DOCKING, sealed=0, seen=1)
    assert shift.audit().clean


def test_a_seam_with_nothing_after_it_is_fine():
    assert act(lambda shift: shift.judge(0, 0, after=None, lines=[0, None])) == []


@pytest.mark.parametrize(
    ("step", "entry"),
    [
        (lambda shift: shift.seal(1, size=-1), "size"),
        (lambda shift: shift.seal(1, size=True), "size"),
        (lambda shift: shift.seal(1, slices=None), "slices"),
        (lambda shift: shift.seal(1, sha256=None), "sha256"),
        (lambda shift: shift.seal(1, sighting=[]), "sighting"),
        (lambda shift: shift.certify((0,), lines=["0"]), "lines"),
        (lambda shift: shift.certify((0,), lines=None), "lines"),
        (lambda shift: shift.certify((0,), whole=1), "whole"),
        (lambda shift: shift.certify((0,), part=None), "part"),
        (lambda shift: shift.erase((0,), certified=[0, -1]), "certified"),
        (lambda shift: shift.end(sealed=None), "sealed"),
        (lambda shift: shift.book.write("seams.judged", {"seams": [1]}, (DOCKING,)), "seams"),
        (lambda shift: shift.book.write("docking.ended", {}, ()), "about"),
        (lambda shift: shift.book.write("docking.ended", {}, (DOCKING, OTHER_DOCKING)), "about"),
    ],
)
def test_a_body_that_has_not_its_form_is_named(step, entry):
    shift = started()
    shift.index_of["certified"] = 0
    step(shift)
    named = [each for each in shift.audit().findings if each.code == "body_malformed"]
    assert {each.facts["field"] for each in named} == {entry}
    assert {each.entry for each in named} == {len(shift.book.leaves) - 1}


@pytest.mark.parametrize("because", ["elsewhere", "writable", "shared"])
@pytest.mark.parametrize("level", Level)
def test_an_object_that_is_not_kept_as_it_was_placed_is_named(because, level):
    shift = whole_shift()
    shift.objects.loose |= {NAMES[0]: because, shift.rolls[1]: because}
    report = shift.audit(level)
    assert codes(report.findings) == ["object_unguarded"] * 2
    assert [each.facts["name"] for each in report.findings] == [NAMES[0], shift.rolls[1]]
    assert report.verdicts["intact"] == "yes"


def test_what_is_no_file_is_never_opened():
    shift = whole_shift()
    shift.objects.loose |= {NAMES[0]: "no_file", STRANGER: "no_file"}
    shift.objects.objects[STRANGER] = b""
    shift.objects.read_back = None
    found = shift.audit(Level.SIZE).findings
    assert codes(found) == ["object_unreadable", "object_unplaced"]
    assert found[0].facts["because"] == "no_file"
    assert found[1].facts["ours"] is False


@pytest.mark.parametrize("level", [Level.DIGEST, Level.SLICES])
def test_an_object_that_has_grown_is_not_read_to_an_end_that_never_comes(level):
    shift = whole_shift()
    shift.objects.objects[NAMES[0]] = FILES[0] + b"x"
    shift.objects.garble = lambda content: content if len(content) <= 3000 else 1 / 0
    assert codes(shift.audit(level).findings) == ["object_size"]


def test_an_index_that_forgets_or_invents_is_named():
    shift = whole_shift()
    for wrong in ({SEGMENTS[0]: None}, {SEGMENTS[0]: 3}):
        index = {**shift.book.last_of, **wrong}
        found = shift.audit(sources=shift.sources(index=index.get)).findings
        assert codes(found) == ["index_differs"]
        assert found[0].subject == SEGMENTS[0]


def test_an_index_that_invents_subjects_is_named():
    shift = whole_shift()
    book = shift.book
    invented = shift.sources(counted=lambda: (len(book.leaves), len(book.last_of) + 1))
    found = shift.audit(sources=invented).findings
    assert codes(found) == ["index_invents"]
    assert found[0].facts == {"expected": len(book.last_of), "found": len(book.last_of) + 1}
    moved = shift.sources(counted=lambda: (len(book.leaves) + 1, len(book.last_of) + 1))
    assert shift.audit(sources=moved).clean


def test_an_index_that_cannot_be_read_is_named():
    def broken(_subject):
        raise VaultUnavailableError("database_damaged", path="x")

    shift = whole_shift()
    found = shift.audit(sources=shift.sources(index=broken)).findings
    assert codes(found) == ["index_unreadable"]
    assert found[0].facts == {"because": "database_damaged"}


def test_a_ledger_process_that_is_gone_ends_the_audit():
    def gone(*_):
        raise LedgerUnavailableError("ledger_unreachable", path="x")

    shift = whole_shift()
    for sources in (shift.sources(index=gone), shift.sources(catalogue=gone)):
        with pytest.raises(LedgerUnavailableError):
            shift.audit(sources=sources)


def test_an_index_that_has_moved_on_is_not_accused():
    shift = whole_shift()
    index = dict.fromkeys(shift.book.last_of, 1000)
    assert shift.audit(sources=shift.sources(index=index.get)).clean


def test_a_catalogue_that_differs_is_named_and_nothing_is_the_worse_for_it():
    shift = whole_shift()
    differences = [{"table": "segments", "entry": 3, "how": "missing"}, {"table": "meta"}]
    report = shift.audit(sources=shift.sources(catalogue=lambda: differences))
    assert [(str(each.code), each.entry) for each in report.findings] == [
        ("catalogue_differs", 3),
        ("catalogue_differs", None),
    ]
    assert report.verdicts["intact"] == "yes"


@pytest.mark.parametrize(
    ("facts", "because"),
    [({}, "catalogue_missing"), ({"because": "SQLITE_NOTADB"}, "SQLITE_NOTADB")],
)
def test_a_catalogue_that_cannot_be_compared_is_named(facts, because):
    def broken():
        yield {"table": "segments", "entry": 3}
        raise VaultUnavailableError("catalogue_missing", **facts)

    shift = whole_shift()
    found = shift.audit(sources=shift.sources(catalogue=broken)).findings
    assert codes(found) == ["catalogue_differs", "catalogue_unreadable"]
    assert found[1].facts == {"because": because}


def test_what_was_found_on_the_way_stands_in_the_report():
    before = [Found(AuditFinding.LEDGER_REFUSES, None, None, {"because": "ledger_forked"})]
    report = whole_shift().audit(before=before)
    assert codes(report.findings) == ["ledger_refuses"]
    assert report.verdicts["intact"] == "no"
    harmless = [Found(AuditFinding("configuration_differs"))]
    assert whole_shift().audit(before=harmless).verdicts["intact"] == "yes"


def test_a_tree_behind_what_its_own_process_has_signed_is_named():
    shift = whole_shift()
    own = shift.book.note()
    shift.book.leaves.pop()
    shift.book.rewrite()
    report = shift.audit(own=own)
    assert "rolled_back" in codes(report.findings)
    assert Remark.NO_KNOWN_CHECKPOINT in report.remarks


def test_what_was_not_looked_at_is_said():
    shift = whole_shift()
    blind = shift.sources(statements=None, index=None, catalogue=None)
    remarks = set(shift.audit(Level.PRESENCE, blind).remarks)
    assert {Remark.NO_STATEMENTS, Remark.NO_INDEX, Remark.NO_CATALOGUE} <= remarks
    assert {Remark.NAMES_ONLY, Remark.NO_WITNESS, Remark.NO_KNOWN_CHECKPOINT} <= remarks
    assert set(shift.audit(known=[shift.book.note()]).remarks) == {
        Remark.NO_WITNESS,
        Remark.OWN_CLOCK,
        Remark.OWN_CONFIGURATION,
        Remark.NO_CONFIGURATION,
        Remark.NO_PEOPLE,
    }


def test_who_may_do_what_is_said_to_be_open_only_until_people_are_set_up():
    shift = whole_shift()
    shift.book.write("organisation.founded", {"hosts": {}}, ("u:" + 32 * "0",))
    assert Remark.NO_PEOPLE not in shift.audit().remarks


def test_what_rests_on_entries_that_cannot_be_read_is_not_accused_and_that_is_said():
    shift = whole_shift()
    for index in range(1, 6):
        shift.book.leaves[index] = b"{}"
    shift.book.rewrite()
    report = shift.audit()
    assert set(codes(report.findings)) == {"entry_malformed"}
    assert Remark.UNREAD_ENTRIES in report.remarks
    assert Remark.UNREAD_ENTRIES not in whole_shift().audit().remarks


def test_entries_that_cannot_be_read_accuse_nothing_that_they_may_have_named():
    shift = whole_shift()
    shift.book.publish()
    del shift.book.files[next(path for path in shift.book.files if "entries/000.p/10" in path)]
    assert codes(shift.audit().findings) == ["bundle_missing"]


def test_an_audit_is_itself_an_entry():
    shift = whole_shift()
    report = shift.audit()
    entry = shift.book.entry(record_audit(report, shift.book))
    assert (entry.type, entry.actor, entry.about) == ("audit.done", "sys:audit", {})
    assert entry.body == {
        "level": "slices",
        "size": report.entries,
        "root": report.root,
        "findings": 0,
        "verdict": "intact",
    }
    assert shift.audit().clean


def test_an_audit_that_the_ledger_does_not_take_says_so():
    report = unrecorded(whole_shift().audit(), "clock_went_back")
    assert codes(report.findings) == ["audit_unrecorded"]
    assert (report.count, report.clean) == (1, False)


def test_an_audit_gives_the_checkpoint_that_the_next_one_can_be_given():
    shift = whole_shift()
    first = shift.audit()
    shift.book.write("clock.accepted", {"before": "x", "after": "y"})
    assert shift.audit(known=[first.note]).clean


def test_an_audit_that_found_damage_says_so_in_its_entry():
    shift = whole_shift()
    shift.objects.objects.pop(NAMES[0])
    entry = shift.book.entry(record_audit(shift.audit(), shift.book))
    assert (entry.body["findings"], entry.body["verdict"]) == (1, "damaged")


def test_many_segments_go_through_in_portions():
    more = [random.Random(number).randbytes(9) for number in range(600)]
    shift = Shift(more)
    shift.open()
    shift.inventory()
    for line in range(3, 603):
        shift.seal(line)
    portions = []

    def run(check, holdings):
        portions.append(len(list(holdings)))
        return map(check, holdings)

    report = shift.audit(run=run)
    assert max(portions) <= 256
    assert sum(portions) == report.segments == 600
    assert set(codes(report.findings)) == {"line_unknown"}


def test_a_finding_says_what_kind_of_entry_it_was():
    found = without("inventory").audit().findings
    assert {each.facts["which"] for each in found if each.code == "no_inventory"} == {
        "segment.sealed",
        "docking.certified",
    }


def test_every_finding_has_a_test_that_plants_it():
    planted = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [code for code in AuditFinding if f'"{code}"' not in planted] == []
