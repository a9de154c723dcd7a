"""People, moves, absences, questions and decisions in any order, against a model."""

import pytest

from custody.permission import NEVER
from tests.unit.custody.sequences import Life, begin

STEPS = 40
SAMPLE = 120  # in every make test
ALL = 10_000


@pytest.fixture(scope="module")
def start():
    return begin()


def lives(start, seeds):
    told = dict.fromkeys(("asked", "approved", "refused", "used"), 0)
    for seed in seeds:
        life = Life(seed, start)
        try:
            life.run(STEPS)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error
        told = {name: told[name] + count for name, count in life.told.items()}
    return told


def test_a_sample_of_lives_goes_as_the_model_says(start):
    told = lives(start, range(SAMPLE))
    assert min(told.values()) > SAMPLE // 4, "lives in which nothing happens test nothing"


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
def test_ten_thousand_lives_go_as_the_model_says(start):
    told = lives(start, range(ALL))
    assert min(told.values()) > ALL // 4


@pytest.mark.parametrize(
    "row", ["own_question", "involved", "settled", "not_signed", "admin_apart"]
)
def test_a_rule_that_is_taken_away_is_missed_within_the_sample(monkeypatch, start, row):
    from custody import permission  # noqa: PLC0415 - to take a row out of it

    without = tuple(each for each in NEVER if each.id != row)
    monkeypatch.setattr(permission, "_NEVER", permission._by_act(without))
    with pytest.raises(AssertionError, match="seed"):
        lives(start, range(SAMPLE))
