"""Once a minute: a look that a killed command left open is closed while others go on."""

from appliance.tending import tend
from custody.access import Access
from custody.entrance import Entrance
from custody.register import read_register
from evidence.errors import LedgerUnavailableError
from tests.fakes.accounts import MemoryAccounts
from tests.fakes.desk import docked
from tests.fakes.grants import granted
from tests.unit.custody.looking import closed, down


def interrupted():
    """A bureau in which a process was killed while it copied."""
    bureau, segments = docked()
    grant = granted(bureau, *segments)
    next(iter(Access(bureau.desk).open(grant, bureau.actor("supervisor"))))
    bureau.desk.meter.kill()
    return bureau


def entrance_of(bureau):
    return lambda: Entrance(bureau.desk, MemoryAccounts(), read_register(bureau.ledger))


def test_what_a_killed_command_left_open_is_closed_by_whoever_serves():
    bureau = interrupted()
    entrance = entrance_of(bureau)
    tend(bureau.desk, entrance)
    tend(bureau.desk, entrance)
    assert [each["how"] for each in closed(bureau)] == ["recovered"]


def test_sessions_that_cannot_be_ended_keep_no_look_open(monkeypatch):
    bureau = interrupted()

    def broken(_):
        raise LedgerUnavailableError("ledger_stopped")

    monkeypatch.setattr("appliance.tending.sweep", broken)
    monkeypatch.setattr("appliance.tending.report_failures", broken)
    tend(bureau.desk, entrance_of(bureau))
    assert len(closed(bureau)) == 1


def test_a_ledger_that_takes_nothing_is_asked_again_a_minute_later():
    bureau = interrupted()
    entrance = entrance_of(bureau)
    tend(down(bureau, "copy.closed"), entrance)
    assert closed(bureau) == []
    tend(bureau.desk, entrance)
    assert len(closed(bureau)) == 1
