"""Every byte, one by one: of a small ledger, of statements and their keys, of a segment.

``make test`` flips one bit of each byte; ``make fuzz`` each bit, and cuts at every length.
"""

from contextlib import closing
from hashlib import sha256
from itertools import combinations, pairwise, permutations

import pytest

from custody.copies import index_differences
from custody.findings import Findings
from custody.holdings import Holding, Level, check_holding
from custody.papers import Papers
from custody.verify import TreeReport, verify_tree
from tests.tamper.private_acts import KEYS, STATEMENTS
from tests.unit.custody.book import KEY, Book
from tests.unit.custody.shift import FILES, NAMES, SEGMENTS, whole_shift
from tests.unit.custody.test_verify import filled
from vault.keys import FileKeys
from vault.statements import StatementStore
from vault.subjects import SubjectIndex

ALL_BITS = pytest.param(range(8), marks=pytest.mark.fuzz, id="every bit")
ONE_BIT = pytest.param(None, id="one bit")


def count(book):
    return verify_tree(book.tiles, KEY).count


def flipped(content, bits):
    """Yield (place, copy with one bit of the byte at that place flipped)."""
    for at in range(len(content)):
        for bit in bits or (at % 8,):
            wrong = bytearray(content)
            wrong[at] ^= 1 << bit
            yield at, bytes(wrong)


def docked():
    """A docking of one recorder, published in three batches: kept partial tiles and all."""
    leaves = whole_shift().book.leaves
    book = Book(started=False)
    for end in (1, 6, len(leaves)):
        book.leaves = leaves[:end]
        book.publish()
    return book


# --- the public tree --------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [ONE_BIT, ALL_BITS])
def test_every_flipped_byte_of_a_small_ledger_is_found(bits):
    book = docked()
    assert count(book) == 0
    tried = 0
    for path, content in list(book.files.items()):
        for at, wrong in flipped(content, bits):
            book.files[path] = wrong
            assert count(book), (path, at)
            tried += 1
        book.files[path] = content
    assert tried >= 8_000


@pytest.mark.parametrize("bits", [ONE_BIT, ALL_BITS])
def test_every_flipped_byte_of_an_upper_tile_is_found(bits):
    book = filled(257, batch=10_000)
    content = book.files["tile/1/000.p/1"]
    for at, wrong in flipped(content, bits):
        book.files["tile/1/000.p/1"] = wrong
        assert count(book), at


def every_length(size):
    return range(size)


def some_lengths(size):
    """Every length of what is small; else those around whole hashes, and every 97th."""
    near = {at + step for at in range(0, size, 1024) for step in (-1, 0, 1)}
    return sorted(each for each in near | set(range(0, size, 97)) if 0 <= each < size)


@pytest.mark.parametrize(
    ("size", "lengths"),
    [
        (10, every_length),
        (300, some_lengths),
        pytest.param(300, every_length, marks=pytest.mark.fuzz),
    ],
)
def test_a_file_of_the_tree_cut_anywhere_is_found(size, lengths):
    book = docked() if size == 10 else filled(size, batch=10_000)
    for path, content in list(book.files.items()):
        for length in lengths(len(content)):
            book.files[path] = content[:length]
            assert count(book), (path, length)
        book.files[path] = content


@pytest.mark.parametrize("size", [10, 600])
def test_any_two_files_of_the_tree_that_change_places_are_found(size):
    book = docked() if size == 10 else filled(size, batch=10_000)
    files = book.files
    for first, second in combinations(list(files), 2):
        if files[first] == files[second]:
            continue
        files[first], files[second] = files[second], files[first]
        assert count(book), (first, second)
        files[first], files[second] = files[second], files[first]


@pytest.mark.parametrize("size", [10, 600])
def test_any_file_of_the_tree_in_the_place_of_another_is_found(size):
    book = docked() if size == 10 else filled(size, batch=10_000)
    files = book.files
    for first, second in permutations(list(files), 2):
        if files[first] != files[second]:
            kept, files[second] = files[second], files[first]
            assert count(book), (first, second)
            files[second] = kept


@pytest.mark.parametrize("path", ["tile/0/007", "tile/1/000.p/9", "tile/entries/001", "tile/2/000"])
def test_any_file_of_the_tree_doubled_at_a_place_that_is_not_there_yet_is_found(path):
    book = filled(300, batch=10_000)
    for content in list(book.files.values()):
        book.files[path] = content
        assert count(book)


def test_any_two_neighbouring_entries_that_change_places_are_found():
    book = filled(300, batch=10_000)
    for path, first, last in (("tile/entries/000", 0, 256), ("tile/entries/001.p/44", 256, 300)):
        content = book.files[path]
        starts = [0]
        for leaf in book.leaves[first:last]:
            starts.append(starts[-1] + 2 + len(leaf))
        parts = [content[low:high] for low, high in pairwise(starts)]
        for at in range(len(parts) - 1):
            swapped = [*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]]
            book.files[path] = b"".join(swapped)
            assert count(book), at
        book.files[path] = content


def test_any_two_neighbouring_entries_that_change_places_are_found_although_signed_anew():
    book = docked()
    for at in range(len(book.leaves) - 1):
        leaves = book.leaves
        leaves[at], leaves[at + 1] = leaves[at + 1], leaves[at]
        book.rewrite()
        assert count(book), at
        leaves[at], leaves[at + 1] = leaves[at + 1], leaves[at]


def test_any_entry_doubled_or_taken_out_is_found_although_signed_anew():
    whole = docked().leaves
    for at in range(len(whole)):
        doubled = [*whole[:at], whole[at], *whole[at:]]
        without = [*whole[:at], *whole[at + 1 :]]
        for leaves in (doubled, without) if at < len(whole) - 1 else (doubled,):
            book = Book(started=False)
            book.leaves = leaves
            book.publish()
            assert count(book), at


# --- statements, keys, index ------------------------------------------------------------------


def faults(store, entries):
    """Return how many faults an audit of the statements finds, and what it remarks."""
    findings = Findings()
    papers = Papers(store, findings)
    for entry in entries:
        papers.read(entry)
    papers.finish({})
    return findings.count


@pytest.fixture
def papers(home):
    """The store of statements, and its entries numbered from 0 so that there are few."""
    entries = home.entries()
    with closing(FileKeys(home.places.keys)) as keys:
        store = StatementStore(home.places.statements, keys)
        with closing(store):
            yield store, entries


def changed(connection, table, column, key, bits):
    """Yield while one bit of one value of a table is flipped, for every value of a column."""
    rows = connection.execute(f"SELECT {key}, {column} FROM {table}").fetchall()  # noqa: S608
    for row, value in rows:
        plain = value.encode() if isinstance(value, str) else value
        for at, wrong in flipped(plain, bits):
            put = wrong.decode(errors="replace") if isinstance(value, str) else wrong
            name = put if key == column else row
            sql = f"UPDATE {table} SET {column}=? WHERE {key}=?"  # noqa: S608
            assert connection.execute(sql, (put, row)).rowcount == 1
            yield row, at
            assert connection.execute(sql, (value, name)).rowcount == 1


@pytest.mark.parametrize("bits", [ONE_BIT, ALL_BITS])
@pytest.mark.parametrize("column", ["sha256", "of", "nonce", "sealed"])
def test_every_flipped_byte_of_a_kept_statement_is_found(home, papers, column, bits):
    store, entries = papers
    assert faults(store, entries) == 0
    with home.database(STATEMENTS) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for row, at in changed(connection, "statements", column, "id", bits):
            assert faults(store, entries), (row, at)
    assert faults(store, entries) == 0


def test_every_other_place_of_a_kept_statement_is_found(home, papers):
    store, entries = papers
    with home.database(STATEMENTS) as connection:
        rows = connection.execute("SELECT id, seq FROM statements").fetchall()
        for row, seq in rows:
            for bit in range(63):
                update = "UPDATE statements SET seq=? WHERE id=?"
                connection.execute(update, (seq ^ (1 << bit), row))
                assert faults(store, entries), (row, bit)
                connection.execute(update, (seq, row))


@pytest.mark.parametrize("bits", [ONE_BIT, ALL_BITS])
@pytest.mark.parametrize("column", ["subject", "key"])
def test_every_flipped_byte_of_a_key_is_found(home, papers, column, bits):
    store, entries = papers
    with home.database(KEYS) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for row, at in changed(connection, "keys", column, "subject", bits):
            assert faults(store, entries), (row, at)
    assert faults(store, entries) == 0


def test_every_flipped_byte_of_the_index_is_found(home):
    tree = TreeReport("", len(home.leaves), "", b"", (), 0, last_of(home))
    with closing(SubjectIndex(home.places.index)) as index:

        def differs():
            return list(index_differences(index.last, index.counted, tree))

        assert not differs()
        with home.database("private/index.sqlite") as connection:
            connection.execute("PRAGMA synchronous=OFF")
            for row, at in changed(connection, "subjects", "subject", "subject", None):
                assert differs(), (row, at)
            for subject, last in tree.last.items():
                for bit in range(20):
                    update = "UPDATE subjects SET last=? WHERE subject=?"
                    connection.execute(update, (last ^ (1 << bit), subject))
                    # Beyond the tree it may be of an entry that came meanwhile; the ledger process
                    # itself refuses to speak of entries that it does not have.
                    beyond = last ^ (1 << bit) >= tree.size
                    assert differs() or beyond, (subject, bit)
                    connection.execute(update, (last, subject))
        assert not differs()


def last_of(home):
    last = {}
    for entry in home.entries():
        last |= dict.fromkeys(entry.about, entry.seq)
    return last


# --- a segment and its roll -------------------------------------------------------------------


@pytest.fixture
def segment():
    shift = whole_shift()
    body = shift.book.entry(shift.index_of["sealed0"]).body
    slices = body["slices"]
    roll = slices["sha256"]
    holding = Holding(3, NAMES[0], body["size"], slices["count"], slices["root"], roll)
    return shift.objects, holding


@pytest.mark.parametrize("bits", [ONE_BIT, ALL_BITS])
@pytest.mark.parametrize("level", [Level.DIGEST, Level.SLICES])
def test_every_flipped_byte_of_a_segment_is_found_with_its_slice(segment, level, bits):
    objects, holding = segment
    assert check_holding(holding, objects, level) == []
    for at, wrong in flipped(FILES[0], bits):
        objects.objects[NAMES[0]] = wrong
        found = check_holding(holding, objects, level)
        assert [str(each.code) for each in found] == ["object_digest", "slices_differ"]
        assert found[1].facts["first"] == at // 1000
        assert {each.subject for each in found} == {SEGMENTS[0]}


@pytest.mark.parametrize("level", [Level.SIZE, Level.DIGEST, Level.SLICES])
def test_a_segment_cut_or_lengthened_anywhere_is_found(segment, level):
    objects, holding = segment
    for wrong in (*(FILES[0][:length] for length in range(3000)), FILES[0] + b"\0"):
        objects.objects[NAMES[0]] = wrong
        assert check_holding(holding, objects, level)[0].code == "object_size"


@pytest.mark.parametrize("bits", [ONE_BIT, ALL_BITS])
def test_every_flipped_byte_of_a_roll_is_found(segment, bits):
    objects, holding = segment
    content = objects.objects[holding.roll]
    for _, wrong in flipped(content, bits):
        objects.objects[holding.roll] = wrong
        assert check_holding(holding, objects, Level.SIZE)[0].code == "slices_damaged"
    for length in range(len(content)):
        objects.objects[holding.roll] = content[:length]
        assert check_holding(holding, objects, Level.SIZE)[0].code == "slices_damaged"
    assert sha256(content).hexdigest() == holding.roll
