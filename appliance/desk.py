"""The desk of a real home: what every act of asking, deciding and looking is done with."""

import hashlib
from pathlib import Path

from appliance.clock import SystemClock
from appliance.home import Home
from appliance.mistakes import parse, read_text
from appliance.settings import Settings, access_file
from custody.desk import AccessRules, Desk
from custody.register import hosts_of
from custody.rules import parse_access_rules
from evidence.ports import Ledger
from vault.meter import FileMeter
from vault.objects import LocalObjects
from vault.tiles import TreeFolder

SHIPPED_FILE = Path(__file__).parent.parent / "config" / "access" / "jinzhong.toml"


def make_desk(home: Home, ledger: Ledger, rules: AccessRules) -> Desk:
    """Return the desk of ``home``; nothing is read but who may be asked under which names."""
    return Desk(
        ledger=ledger,
        objects=LocalObjects(home.vault, reserve_bytes=0),
        tiles=TreeFolder(home.ledger),
        clock=SystemClock(),
        meter=FileMeter(home.meter),
        rules=rules,
        hosts=hosts_of(ledger),
    )


def load_access_rules(settings: Settings) -> AccessRules:
    """Return the rules of who decides; raises ``UsageError`` with the key at fault.

    A configured file is relative to the file that names it; else the shipped one.
    """
    return read_access_rules(access_file(settings), demo_keys=settings.config.access.demo_keys)


def read_access_rules(named: Path | None, *, demo_keys: bool) -> AccessRules:
    """Return the rules of a file, or (None) the shipped ones; raises ``UsageError``."""
    file = named or SHIPPED_FILE
    text = read_text(file)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return parse_access_rules(parse(text, str(file)), digest, demo_keys=demo_keys)
