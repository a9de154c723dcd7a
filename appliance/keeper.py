"""The keeper: the only part of the appliance that can remove bytes from the vault (DESIGN 8).

It destroys what two people have decided, when the time that counts says so.  Nothing else here
imports ``vault.remover`` (``tests/test_bytes_leave.py``).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path

from custody.clockwatch import now_of, odd_clock, raise_alarm
from custody.desk import AccessRules
from custody.destroy import Keeper, Ran, run
from custody.disposals import disposals_of, unburied
from custody.judging import Judges
from custody.lawful import Lawful
from custody.outside import AttestedTime
from custody.register import hosts_of
from evidence.codec import format_time
from evidence.disposal import Disposal, Now
from evidence.errors import CustodyError
from evidence.ports import Clock
from vault.client import LedgerClient
from vault.remembering import RememberingLedger
from vault.remover import LocalRemover

HANDS = 8  # removals at once: each waits for the disk
REMEMBERED = 4096  # entries: what many segments have in common is read once


@dataclass(frozen=True, slots=True)
class Keeping:
    """A keeper at work over one home."""

    keeper: Keeper
    ledger: LedgerClient
    clock: Clock
    outside: AttestedTime
    judges: Judges

    def now(self) -> Now:
        """Return the time that counts; an odd clock raises an alarm.

        Raises ``CustodyError`` (``no_outside_time``) where nobody outside has said a time.
        """
        local, outside = self.clock.now(), self.outside.newest()
        odd = odd_clock(local, outside)
        if odd and outside:
            told = {"local": format_time(local), "outside": format_time(outside[0])}
            raise_alarm(self.ledger, odd, local, told)
        return now_of(local, outside)

    def waiting(self, now: Now) -> Iterator[Disposal]:
        """Yield every disposal whose time has come, or of which something is left to do."""
        for each in disposals_of(self.ledger):
            ripe = each.undo_until is not None and each.undo_until <= now.at
            if (each.state == "approved" and ripe) or (each.state != "undone" and unburied(each)):
                yield each

    def run(self, disposal: str, now: Now, tell: Callable[[int], None]) -> Ran:
        """Do what is approved of one disposal; see ``custody.destroy.run``.

        What nobody may have agreed on raises an alarm.
        """
        try:
            with ThreadPoolExecutor(HANDS) as pool:
                return run(replace(self.keeper, each=pool.map), disposal, now, tell)
        except CustodyError as error:
            if error.word == "disposed_unlawfully":
                raise_alarm(self.ledger, error.word, self.clock.now(), {"disposal": disposal})
            raise


def make_keeper(
    vault: Path, ledger: LedgerClient, clock: Clock, zone: tzinfo, rules: AccessRules
) -> Keeping:
    """Return the keeper over the vault at ``vault``; nothing of the vault is opened yet."""
    read = RememberingLedger(ledger, REMEMBERED)
    judges = Judges(read, zone)
    lawful = Lawful(read, zone, rules, hosts_of(ledger))
    keeper = Keeper(read, judges.look, ledger, [LocalRemover(vault)], lawful)
    return Keeping(keeper, ledger, clock, AttestedTime(ledger, zone), judges)
