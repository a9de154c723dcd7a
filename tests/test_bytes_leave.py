"""Invariant 3 by its reach: who can read an object of the vault, and what becomes of the bytes.

Type checking makes this a closed world: a module gets objects as ``Objects`` or ``LocalObjects``,
by an attribute ``objects``, or by the path of the vault's folder.  Whoever has one of these and
reads stands here, with the reason why no byte leaves through it; a new one makes the test fail.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("api", "appliance", "custody", "drivers", "evidence", "ingest", "vault")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
READS = frozenset({"read", "read_back"})
HANDS = frozenset({"Objects", "LocalObjects", "objects", "_objects"})

LEAVES = {("custody/access.py", "objects")}  # a slice, after its entry, compared with its record
STAYS = {
    ("custody/holdings.py", "objects"): "an audit digests; a roll of slices is no footage",
    ("custody/unplaced.py", "objects"): "an audit digests what nobody has named",
    ("custody/audit.py", "self.papers"): "statements, not objects",
    ("custody/audit.py", "self.dockings"): "entries, not objects",
    ("custody/audit.py", "self.configurations"): "entries, not objects",
    ("custody/audit.py", "self.answered"): "entries, not objects",
    ("custody/audit.py", "self.conduct"): "entries, not objects",
    ("custody/audit.py", "self.endings"): "entries, not objects",
    ("custody/audit.py", "self.seconds"): "entries, not objects",
    ("custody/audit.py", "self.weeks"): "entries, not objects",
    ("custody/spare.py", "objects"): "an audit digests spare rolls, and the slices they tell of",
    ("appliance/reports.py", "file"): "a verifier key",
    ("ingest/devicelog.py", "tools.objects"): "a recorder's log goes into its fenced parser",
    ("ingest/receive.py", "recorder"): "from the recorder, not from the vault",
    ("ingest/receive.py", "self._staged"): "what is being received, compared with the recorder",
    ("ingest/recognise.py", "tools.objects"): "blocks, compared with the recorder",
    ("ingest/recognise.py", "the text 'read'"): "a word of an entry",
    ("ingest/seal.py", "the text 'read'"): "a word of an entry",
    ("ingest/store.py", "received.staged"): "what was received, digested",
    ("ingest/store.py", "tools.objects"): "an old object, digested",
    ("vault/objects.py", "file"): "the vault itself",
    ("vault/objects.py", "self"): "an object that was put is read back and digested",
}
# These open the vault, and give it to those above.
MAKES_OBJECTS = {"appliance/desk.py", "appliance/looking.py", "appliance/slot.py"}
# Measures the disk under it, and opens nothing.
MEASURES = {"appliance/disk.py"}
KNOWS_THE_FOLDER = {"appliance/wiring.py", *MAKES_OBJECTS, *MEASURES}


def relative(path):
    return path.relative_to(ROOT).as_posix()


def named(tree):
    """Yield every name that a module uses, imports or takes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.name.rpartition(".")[2]


def reads(text):
    """Return on what a module that can have objects at hand calls ``read`` or ``read_back``."""
    tree = ast.parse(text)
    if HANDS.isdisjoint(named(tree)):
        return set()
    found = {
        ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in READS
    }
    spelled = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return found | {f"the text {each!r}" for each in spelled & READS}


def calls(text, name):
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(ast.parse(text))
    )


def test_objects_are_read_only_where_bytes_stay_inside_and_where_they_may_leave():
    found = {(relative(path), on) for path in SOURCES for on in reads(path.read_text("utf-8"))}
    assert sorted(found) == sorted(LEAVES | STAYS.keys())


def test_the_vault_is_opened_only_where_it_is_given_to_those_who_may_read():
    made = {relative(path) for path in SOURCES if calls(path.read_text("utf-8"), "LocalObjects")}
    assert made == MAKES_OBJECTS


def test_the_folder_of_the_vault_is_known_only_to_the_wiring():
    known = {
        relative(path)
        for path in SOURCES
        if any(
            isinstance(node, ast.Attribute)
            and node.attr == "vault"
            and not ast.unparse(node).endswith("config.vault")  # a section, no folder
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    }
    assert known == KNOWS_THE_FOLDER


def test_the_network_has_no_hand_on_the_vault():
    for path in (ROOT / "api").rglob("*.py"):
        assert HANDS.isdisjoint(named(ast.parse(path.read_text("utf-8")))), relative(path)


@pytest.mark.parametrize(
    ("planted", "on"),
    [
        ("def serve(desk):\n    return desk.objects.read('ab')\n", "desk.objects"),
        ("from evidence.ports import Objects\n\ndef f(o: Objects):\n    o.read('ab')\n", "o"),
        ("def f(objects):\n    store = objects\n    yield from store.read_back('ab')\n", "store"),
        ("def f(desk):\n    read = desk.objects.read\n    return read('ab')\n", "desk.objects"),
        ("def f(desk):\n    return getattr(desk.objects, 'read')('ab')\n", "the text 'read'"),
    ],
)
def test_a_way_out_that_somebody_adds_is_found(planted, on):
    assert on in reads(planted)


def test_the_keeper_alone_can_remove_bytes():
    """A tombstone comes before; whoever has no remover cannot be made to forget."""
    able = [path for path in SOURCES if "vault.remover" in path.read_text("utf-8")]
    assert [relative(path) for path in able] == ["appliance/keeper.py"]
