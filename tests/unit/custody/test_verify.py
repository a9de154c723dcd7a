from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from custody.findings import FINDINGS_LIMIT, Verdict, verdicts
from custody.verify import verify_tree
from evidence.merkle import leaf_hash, root_hash
from evidence.note import Signer
from evidence.tiles import Tile
from tests.unit.custody.book import KEY, ORIGIN, SIGNER, START, Book, codes

DOCKINGS = [f"d:{number:032x}" for number in range(7)]
SIZES = [1, 2, 3, 255, 256, 257, 600]
OTHER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
STRANGER = Signer("lab.example/dock/0099/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def filled(size, batch=90):
    """A ledger of ``size`` entries about a few subjects, written in batches."""
    book = Book()
    while len(book.leaves) < size:
        number = len(book.leaves)
        book.write("alarm.raised", {"alarm": "x", "facts": {}}, DOCKINGS[: number % 3])
        if number % batch == 0:
            book.publish()
    book.publish()
    return book


def found(book, **options):
    return list(verify_tree(book.tiles, KEY, **options).findings)


@pytest.mark.parametrize("size", SIZES)
def test_a_ledger_that_nobody_touched_is_found_clean(size):
    book, seen, told = filled(size), [], []
    report = verify_tree(
        book.tiles,
        KEY,
        visit=lambda entry: seen.append(entry.seq),
        known=[book.note(size // 2), book.note(size), book.note(size)],
        now=book.at,
        tell=lambda *each: told.append(each),
    )
    assert report.findings == ()
    assert (report.size, report.origin) == (size, ORIGIN)
    assert report.root == root_hash(map(leaf_hash, book.leaves)).hex()
    assert report.last == book.last_of
    assert seen == list(range(size))
    assert told[-1] == (size, size)


def test_an_empty_ledger_is_a_ledger():
    book = Book(started=False)
    book.sign()
    assert found(book) == []


def test_every_flipped_byte_of_a_small_ledger_is_found():
    book = filled(5, batch=2)
    for path, content in list(book.files.items()):
        for at in range(len(content)):
            for bit in (0, 5):
                wrong = bytearray(content)
                wrong[at] ^= 1 << bit
                book.files[path] = bytes(wrong)
                assert found(book), (path, at)
        book.files[path] = content
    assert found(book) == []


def test_every_cut_or_lengthened_file_is_found():
    book = filled(300)
    for path, content in list(book.files.items()):
        for wrong in (content[:-1], content[:-32], b"", content + b"\0", content + content[-32:]):
            book.files[path] = wrong
            assert found(book), path
        book.files[path] = content


@pytest.mark.parametrize("size", [3, 300, 600])
def test_every_missing_file_of_the_tree_is_found(size):
    book = filled(size, batch=10_000)
    paths = [path for path in book.files if path != "tile/entries/000.p/1"]
    paths = [path for path in paths if not path.endswith("0/000.p/1")]
    for path in paths:
        kept = book.files.pop(path)
        assert found(book), path
        book.files[path] = kept


def test_swapped_tiles_are_found():
    book = filled(600)
    for first, second in (("tile/0/000", "tile/0/001"), ("tile/entries/000", "tile/entries/001")):
        files = book.files
        files[first], files[second] = files[second], files[first]
        assert found(book)
        files[first], files[second] = files[second], files[first]


def test_a_changed_entry_is_named():
    book = filled(600)
    book.change_body(300, alarm="y")
    original = book.files["tile/entries/001"]
    book.files["tile/entries/001"] = original.replace(filled(301).leaves[300], book.leaves[300], 1)
    assert book.files["tile/entries/001"] != original
    assert next((str(each.code), each.entry) for each in found(book)) == ("entry_differs", 300)


def test_a_damaged_entry_is_no_rewritten_history():
    book = filled(600, batch=10_000)
    known = [book.note(280), book.note(400), book.note()]
    book.files["tile/entries/001"] = book.files["tile/entries/001"].replace(b'"x"', b'"y"', 1)
    assert codes(found(book, known=known)) == ["entry_differs"]


def test_a_changed_tile_is_named_and_the_entries_are_not_accused():
    book = filled(600)
    tile = bytearray(book.files["tile/0/001"])
    tile[44 * 32] ^= 1
    book.files["tile/0/001"] = bytes(tile)
    named = [each for each in found(book) if each.facts.get("path") == "tile/0/001"]
    assert codes(named) == ["tile_differs"]
    assert named[0].entry == 300
    assert "entry_differs" not in codes(found(book))


def test_a_changed_upper_tile_is_named():
    book = filled(600, batch=10_000)
    path = Tile(1, 0, 2).path
    book.files[path] = book.files[path][::-1]
    assert (codes(found(book)), found(book)[0].facts["path"]) == (["tile_differs"], path)


def test_a_missing_bundle_accuses_nothing_that_points_into_it():
    book = filled(600)
    del book.files["tile/entries/000"]
    assert codes(found(book)) == ["bundle_missing"]


def test_a_missing_tile_of_hashes_is_made_up_for_by_the_entries():
    book = filled(600)
    del book.files["tile/0/000"]
    assert codes(found(book)) == ["tile_missing"]


def test_without_bundle_and_tile_the_root_cannot_be_had():
    book = filled(600)
    del book.files["tile/0/000"], book.files["tile/entries/000"]
    assert codes(found(book)) == ["bundle_missing", "tile_missing", "root_differs"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda book: book.files.pop("checkpoint"), "checkpoint_missing"),
        (lambda book: book.sign(signer=OTHER), "signature_wrong"),
        (lambda book: book.sign(origin="lab.example/dock/0043/1"), "origin_wrong"),
        (lambda book: book.sign(root=bytes(32)), "root_differs"),
        (lambda book: book.sign(size=2), "tree_ahead"),
        (lambda book: book.sign(size=4, root=bytes(32)), "bundle_missing"),
        (lambda book: book.files.update(checkpoint=b"\xff\n\n"), "checkpoint_malformed"),
        (lambda book: book.files.update({"tile/entries/000.p/3": b"x"}), "bundle_malformed"),
        (lambda book: book.files.update({"tile/0/001.p/3": b"x" * 96}), "tree_ahead"),
        (lambda book: book.files.update({"tile/0/notes.txt": b""}), "stray_file"),
        (lambda book: book.files.update({"tile/0/000.p/2": b"x" * 64}), "tile_differs"),
        (lambda book: book.files.update({"tile/entries/000.p/2": b"x"}), "tile_differs"),
    ],
)
def test_what_an_insider_does_to_the_files_is_named(spoil, code):
    book = filled(3)
    spoil(book)
    assert code in codes(found(book))


def test_an_old_checkpoint_put_back_is_seen_by_the_tiles_ahead_of_it():
    book = filled(3)
    old = book.files["checkpoint"]
    book.write("clock.accepted", {"before": "x", "after": "y"})
    book.publish()
    book.files["checkpoint"] = old
    assert set(codes(found(book))) == {"tree_ahead"}
    assert {each.facts["size"] for each in found(book)} == {3}


def test_a_ledger_that_grows_while_it_is_read_is_not_accused():
    book = filled(3)

    def grow_now(done, of):
        if done == of == 3:
            book.write("clock.accepted", {"before": "x", "after": "y"})
            book.publish()

    assert found(book, tell=grow_now) == []


@pytest.mark.parametrize("size", [3, 600])
def test_a_checkpoint_seen_before_convicts_a_rollback(size):
    book = filled(size)
    known = book.note()
    book.leaves.pop()
    book.rewrite()
    assert codes(found(book, known=[known])) == ["rolled_back"]
    assert found(book) == [], "what cannot be seen from inside"


@pytest.mark.parametrize("size", [3, 300, 600])
def test_a_checkpoint_seen_before_convicts_another_history(size):
    book = filled(size)
    known = book.note()
    book.change_body(1, alarm="y")
    book.rewrite()
    book.write("clock.accepted", {"before": "x", "after": "y"})
    book.publish()
    assert codes(found(book, known=[known, book.note(1)])) == ["history_rewritten"]


@pytest.mark.parametrize(
    "claims", [{"signer": OTHER}, {"origin": "lab.example/dock/0043/1"}, {"signer": STRANGER}]
)
def test_a_checkpoint_seen_before_that_another_key_signed_convicts_the_key(claims):
    book = filled(3)
    foreign = [book.note(), book.note(**claims)]
    assert codes(found(book, known=foreign)) == ["known_foreign"]
    assert verdicts(found(book, known=foreign))["signed"] == "no"


def forged(spoil):
    """Return what is found in a ledger whose owner signed what ``spoil`` made of it."""
    book = filled(12)
    spoil(book)
    book.rewrite()
    return found(book, now=book.at)


def swap(book):
    book.leaves[5], book.leaves[6] = book.leaves[6], book.leaves[5]


@pytest.mark.parametrize(
    ("spoil", "code", "entry"),
    [
        (lambda book: book.change(0, type="clock.accepted"), "start_wrong", 0),
        (lambda book: book.change_body(0, origin="lab.example/dock/0042/2"), "start_wrong", 0),
        (lambda book: book.change_body(0, vkey=OTHER.verifier.text), "start_wrong", 0),
        (lambda book: book.change(4, type="ledger.started"), "started_again", 4),
        (lambda book: book.change(4, station="0043"), "station_wrong", 4),
        (lambda book: book.change(4, seq=5), "seq_wrong", 4),
        (lambda book: book.change(4, at="2026-11-22T09:00:00.000Z"), "time_went_back", 4),
        (lambda book: book.change(4, at="2027-01-01T00:00:00.000Z"), "from_the_future", 4),
        (lambda book: book.change(4, about={DOCKINGS[0]: None}), "about_wrong", 4),
        (lambda book: book.change(5, about={DOCKINGS[0]: 1}), "about_wrong", 5),
        (lambda book: book.change(4, type="invented"), "entry_malformed", 4),
        (lambda book: book.leaves.__setitem__(4, b"{}"), "entry_malformed", 4),
        (lambda book: book.leaves.__setitem__(4, book.leaves[4] + b" "), "entry_malformed", 4),
        (swap, "seq_wrong", 5),
        (lambda book: book.leaves.pop(5), "seq_wrong", 5),
        (lambda book: book.leaves.insert(5, book.leaves[5]), "seq_wrong", 6),
    ],
)
def test_what_the_owner_of_the_key_forges_is_named(spoil, code, entry):
    assert (code, entry) in [(str(each.code), each.entry) for each in forged(spoil)]


def test_an_entry_hidden_from_its_subject_is_named():
    book = filled(12)
    hidden = book.last_of[DOCKINGS[1]]
    book.write("alarm.raised", {}, links={DOCKINGS[1]: hidden - 3})
    book.publish()
    wrong = found(book)
    assert codes(wrong) == ["about_wrong"]
    assert wrong[0].subject == DOCKINGS[1]
    assert wrong[0].facts == {"given": hidden - 3, "expected": hidden}


def test_the_future_is_told_once():
    book = filled(12)
    assert codes(found(book, now=START - timedelta(days=1))) == ["from_the_future"]


def test_each_question_has_its_own_answer():
    book = filled(3)
    assert set(verdicts(found(book)).values()) == {Verdict.YES, Verdict.NOT_CHECKED}
    book.files["tile/0/notes.txt"] = b""
    assert verdicts(found(book))["intact"] == "yes"
    book.sign(signer=OTHER)
    assert verdicts(found(book)) == {
        "intact": "yes",
        "signed": "no",
        "witnessed": "not_checked",
        "in_time": "yes",
    }
    late = verdicts(found(book, now=START - timedelta(days=1)))
    assert (late["in_time"], late["intact"]) == ("no", "yes")


def test_findings_without_end_are_counted_and_not_kept():
    book = filled(2)
    book.files |= {f"{number}": b"" for number in range(FINDINGS_LIMIT + 5)}
    report = verify_tree(book.tiles, KEY)
    assert len(report.findings) == FINDINGS_LIMIT
    assert report.count == FINDINGS_LIMIT + 5


def test_another_ledger_is_not_this_one():
    book = filled(3)
    other = replace(SIGNER.verifier, name="lab.example/dock/0099/1")
    report = verify_tree(book.tiles, other)
    assert {"signature_wrong", "origin_wrong", "station_wrong", "start_wrong"} <= set(
        codes(report.findings)
    )
