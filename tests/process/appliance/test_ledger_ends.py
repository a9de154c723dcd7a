"""The real ledger process destroys words only where the rules of the audit find the end lawful."""

from dataclasses import replace

import pytest

from custody.destroy import Keeper, run
from evidence.errors import CustodyError, VaultUnavailableError
from tests.fakes.clock import NOON, FixedClock
from tests.fakes.house import House
from tests.process.appliance.test_ledger_waits import plan_for, started
from tests.unit.custody.test_lawful import Attested, Forger
from vault.client import LedgerClient
from vault.remover import LocalRemover


class Cut:
    """A ledger process that died before it destroyed anything."""

    def shred(self, segments):
        raise VaultUnavailableError("planted", segments=len(segments))


class Home(Attested):
    """The office on real stores, in a home of its own."""

    def __init__(self, root):
        self.root = root
        super().__init__(House(root, clock=FixedClock(NOON)))

    def run(self, disposal):
        """Write the tombstones, and get no further."""
        remover = LocalRemover(self.root / "vault")
        keeper = Keeper(self.bureau.ledger, self.judges.look, Cut(), [remover], self.ends)
        with pytest.raises(VaultUnavailableError):
            run(keeper, disposal.id, self.now, lambda _decided: None)


def asked(home, plan):
    """Let a ledger process destroy the words of the first film; return whether they are gone."""
    segment = home.segments[0]
    sealed = next(e.seq for e in home.entries("segment.sealed") if segment in e.about)
    home.bureau.house.close()
    with started(plan) as process:
        process.stdout.readline()
        client = LedgerClient(home.bureau.house.root / "run" / "ledger.sock")
        try:
            client.shred([segment])
        finally:
            words = client.statement(sealed)
            client.close()
    return words is None


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def plan(home):
    return replace(plan_for(home.root, 5), demo_keys=True)


def test_what_two_people_agreed_on_is_destroyed(home, plan):
    home.to_the_end()
    assert asked(home, plan)


def test_a_tombstone_that_somebody_only_appended_destroys_nothing(home, plan):
    Forger(home).all()
    with pytest.raises(CustodyError, match="disposed_unlawfully") as caught:
        asked(home, plan)
    assert caught.value.facts["because"] == "not_signed"


def test_keys_in_files_agree_to_nothing_where_the_configuration_lets_them_not(home, plan):
    home.to_the_end()
    with pytest.raises(CustodyError, match="disposed_unlawfully"):
        asked(home, replace(plan, demo_keys=False))
