"""Packs: proposed by one person, adopted by another, never forgotten once they held."""

import pytest

from custody.adopting import adopt_policy, propose_policy, withdraw_policy
from custody.policies import policy_of
from evidence.errors import ConflictError, CustodyError, RefusedError
from evidence.keeping import KEEPING
from tests.fakes.desk import small_bureau
from tests.fakes.shelf import adopt, pack, shelf


@pytest.fixture
def bureau():
    return small_bureau()


def propose(bureau, by="chief", policy=None):
    return propose_policy(bureau.desk, bureau.actor(by), policy or pack())


def rows(act, *arguments):
    with pytest.raises(RefusedError) as caught:
        act(*arguments)
    return {row for row, _ in caught.value.facts["rows"]}


def test_the_whole_pack_stands_in_the_ledger(bureau):
    entry = bureau.ledger.entry(propose(bureau))
    assert tuple(entry.about) == (KEEPING,)
    assert entry.body["replaces"] is None
    assert policy_of(entry.body["policy"]) == pack()
    assert shelf(bureau).in_force() == ()


def test_another_person_adopts_it(bureau):
    index = adopt(bureau)
    entry, (held,) = bureau.ledger.entry(index), shelf(bureau).in_force()
    assert (entry.body["name"], entry.body["sha256"]) == ("jinzhong", pack().sha256)
    assert (held.entry, held.replaced) == (index, None)
    assert shelf(bureau).proposals == {}


def test_a_new_version_replaces_the_old_one_which_is_remembered(bureau):
    first = adopt(bureau)
    second = adopt(bureau, pack(version="2"))
    beside = adopt(bureau, pack("mps"))
    known = shelf(bureau)
    assert [(each.entry, each.replaced) for each in known.policies] == [
        (first, second), (second, None), (beside, None),
    ]  # fmt: skip
    assert {each.name for each in known.in_force()} == {"jinzhong", "mps"}
    proposed = bureau.ledger.entry(second - 1)
    assert proposed.body["replaces"] == pack().sha256


def test_who_proposed_it_does_not_adopt_it(bureau):
    proposed = propose(bureau)
    assert rows(adopt_policy, bureau.desk, bureau.actor("chief"), proposed) == {"own_proposal"}
    assert shelf(bureau).in_force() == ()


@pytest.mark.parametrize("name", ["head", "supervisor", "acting", "inspector", "admin", "officer"])
def test_only_a_head_or_overseer_of_the_whole_says_how_long_things_are_kept(bureau, name):
    assert "may_set_periods" in rows(propose, bureau, name)
    proposed = propose(bureau)
    assert "may_set_periods" in rows(adopt_policy, bureau.desk, bureau.actor(name), proposed)
    assert "may_set_periods" in rows(withdraw_policy, bureau.desk, bureau.actor(name), proposed)
    assert bureau.house.entries("access.refused")[-1].body["act"] == "propose_policy"


@pytest.mark.parametrize("act", ["propose", "adopt"])
def test_a_proof_that_is_fresh_is_needed(bureau, act):
    proposed = propose(bureau)
    stale = bureau.actor("watcher", fresh=False)
    if act == "propose":
        assert rows(propose_policy, bureau.desk, stale, pack("mps")) == {"not_fresh"}
    else:
        assert rows(adopt_policy, bureau.desk, stale, proposed) == {"not_fresh"}


def test_a_proposal_is_withdrawn_and_then_not_adopted(bureau):
    proposed = propose(bureau)
    index = withdraw_policy(bureau.desk, bureau.actor("chief"), proposed)
    assert bureau.ledger.entry(index).body == {"proposed": proposed}
    for act in (adopt_policy, withdraw_policy):
        with pytest.raises(CustodyError, match="policy_not_proposed"):
            act(bureau.desk, bureau.actor("watcher"), proposed)


def test_what_holds_already_is_not_proposed_again(bureau):
    index = adopt(bureau)
    with pytest.raises(CustodyError) as caught:
        propose(bureau)
    assert (caught.value.word, caught.value.facts["entry"]) == ("policy_holds", index)


def test_of_two_who_adopt_at_once_one_does(bureau, monkeypatch):
    proposed = propose(bureau)
    append = bureau.ledger.append
    rival = iter([lambda: withdraw_policy(bureau.desk, bureau.actor("chief"), proposed)])

    def meanwhile(drafts):
        for act in rival:
            act()
        return append(drafts)

    monkeypatch.setattr(bureau.ledger, "append", meanwhile)
    with pytest.raises(ConflictError):
        adopt_policy(bureau.desk, bureau.actor("watcher"), proposed)
    assert shelf(bureau).in_force() == ()
