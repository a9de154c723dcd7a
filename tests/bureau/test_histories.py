"""A thousand random histories: no early destruction, no undead copy, one verdict by everybody."""

from collections import Counter

import pytest

from tests.bureau.histories import BREAKS, ground, live

pytestmark = pytest.mark.timeout(900)  # seconds: a part takes a minute on a busy machine

HISTORIES = 1000
PART = 100
LEAST = {  # so often each happens in a part: a history in which nothing happens proves nothing
    "dispose": 35, "gone": 45, "spared": 10, "crash": 80, "again": 4, "refused": 20,
    "label": 60, "relabel": 20, "hold": 30, "release": 4, "adopt": 25, "copy": 20, "leap": 2,
    "ask": 8, "explain": 8, "resolve": 8, "move": 2, "rebind": 4, "doubt": 5, "close": 2,
}  # fmt: skip


class BrokenHistoryError(AssertionError):
    """Says how to live a history once more."""


@pytest.fixture(scope="module")
def homes():
    with ground() as found:
        yield found


@pytest.mark.parametrize("begin", range(0, HISTORIES, PART))
def test_product_catalogue_audit_and_model_agree_on_every_film_of_every_history(homes, begin):
    counts = Counter()
    for seed in range(begin, begin + PART):
        counts.update(lived(homes, seed))
    rare = {name: counts[name] for name, least in LEAST.items() if counts[name] < least}
    assert not rare, f"too seldom to prove anything: {rare}"


def lived(homes, seed):
    try:
        return live(homes, seed)
    except Exception as error:
        told = f"history {seed} broke; again: python -m tests.bureau --seed {seed}"
        raise BrokenHistoryError(told) from error


def test_a_history_is_the_same_one_every_time(homes):
    assert BREAKS > 0
    assert live(homes, 7) == live(homes, 7)
