"""The words for which no recorder is at fault: each is raised by somebody, and none is missing."""

import ast

import pytest

from appliance.answers import CLAIMS
from appliance.commands_dock import docked_lines
from appliance.commands_up import ALWAYS, LOOSE_TRIES, _tries
from appliance.exits import Exit
from appliance.rack import CODES_OF_OUTCOMES, Docked
from appliance.services import SlotJob
from appliance.slot import _code
from appliance.slotstate import ENDED, SlotState
from appliance.troubles import AGAIN, DAMAGE, DESK, DIED, FULL, HUNG, LOOSE, STORAGE
from evidence import errors
from ingest.outcome import Left, Progress
from tests.unit.appliance.test_words import CATALOGUES, EN, TREES, raised_words

TABLE = "troubles.py"


def names_below(kind):
    return {kind.__name__} | {name for each in kind.__subclasses__() for name in names_below(each)}


def words_of(kind, packages):
    """Return the words that code in ``packages`` gives to errors of a kind."""
    names = names_below(kind)
    return {
        node.args[0].value
        for path, tree in TREES.items()
        if path.parent.name in packages
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def strings_in(which):
    return {
        word
        for path, tree in TREES.items()
        if which(path)
        for node in ast.walk(tree)
        for word in constants_of(node)
    }


def constants_of(node):
    """Return the texts that a node is, or that stand in it one by one."""
    nodes = node.elts if isinstance(node, ast.Set | ast.Tuple | ast.List) else [node]
    return {
        each.value
        for each in nodes
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def test_every_word_of_our_own_storage_is_raised_and_none_is_missing():
    raised = words_of(errors.VaultError, {"appliance", "drivers", "ingest", "vault"})
    told = {word for word in raised if not word.startswith("catalogue_")}
    assert told == STORAGE.keys() | DESK
    assert STORAGE.keys().isdisjoint(DESK)
    assert STORAGE.keys() >= FULL


def test_every_word_of_damage_is_raised_and_none_is_missing():
    assert words_of(errors.DigestMismatchError, {"ingest", "vault"}) == DAMAGE


def test_what_a_slot_cannot_tell_any_more_is_told_by_the_rack():
    (rack,) = (tree for path, tree in TREES.items() if path.name == "rack.py")
    told = {
        node.args[0].id
        for node in ast.walk(rack)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "failed"
        and isinstance(node.args[0], ast.Name)
    }
    assert told >= {"DIED", "HUNG"}


def test_every_word_of_a_recorder_that_was_gone_or_silent_is_raised():
    assert LOOSE - {HUNG} <= words_of(errors.DeviceError, {"appliance", "drivers"})


def test_every_claim_that_is_taken_from_a_parser_child_can_be_made_by_one():
    said = strings_in(lambda path: path.parent.name == "appliance" and "parser" in path.name)
    assert said | words_of(errors.ParserError, {"appliance"}) >= CLAIMS


def test_every_outcome_has_its_code_and_ends_the_waiting():
    assert CODES_OF_OUTCOMES.keys() == ENDED


def test_every_word_that_code_asks_for_can_be_given():
    known = {word for word, _, _ in raised_words()}
    asked = {
        word
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr in {"word", "cut"}
        for side in node.comparators
        for word in constants_of(side)
    }
    assert len(asked) > 5
    assert asked - known == set()


@pytest.mark.parametrize("word", sorted({*STORAGE, *LOOSE, DIED, HUNG, "path_unknown"}))
def test_what_heals_by_itself_is_tried_for_ever_and_a_loose_plug_a_few_times(word):
    tries = _tries(SlotState(1, "/media/card").failed(word))
    assert tries == (ALWAYS if word in AGAIN else LOOSE_TRIES if word in LOOSE else 0)
    assert DIED in AGAIN
    assert not AGAIN & LOOSE


def test_every_short_reason_can_be_given():
    raised = {word for word, _, _ in raised_words()} | {DIED, HUNG}
    raised |= strings_in(lambda path: path.name != TABLE)
    short = {key.partition(".")[2] for key in EN.texts if key.startswith("because.")}
    assert {word for word in short if word not in raised} == set()


@pytest.mark.parametrize("word", sorted({*STORAGE, *DAMAGE, DIED, HUNG}))
def test_every_trouble_has_a_short_reason(word):
    for words in CATALOGUES.values():
        assert words.has(f"because.{word}")


@pytest.mark.parametrize("word", sorted(STORAGE))
def test_a_docking_that_our_own_storage_ended_accuses_no_recorder(word):
    progress = Progress("d:1", 0.0, cut=word)
    assert _code(progress) == Exit.VAULT
    state = SlotState(1, "/media/card").failed(word)
    for words in CATALOGUES.values():
        told = docked_lines(Docked(SlotJob(1, "/media/card"), state, Exit.VAULT), words)
        assert "/media/card" not in told[-1]
        assert "?" not in told[-1]


@pytest.mark.parametrize("word", sorted(DAMAGE))
def test_damage_outranks_what_ended_the_docking(word):
    progress = Progress("d:1", 0.0, left=[Left(0, word)], cut="no_space")
    assert _code(progress) == Exit.INTEGRITY


def test_a_recorder_that_was_taken_away_is_the_recorder_s_matter():
    assert _code(Progress("d:1", 0.0, cut="unplugged")) == Exit.DEVICE
