"""The desk of a real home: what every act of asking, deciding and looking is done with."""

import hashlib
from pathlib import Path

from appliance.clock import SystemClock
from appliance.home import Home
from appliance.mistakes import parse, read_text
from custody.desk import AccessRules, Desk
from custody.register import hosts_of
from custody.rules import parse_access_rules
from evidence.ports import Ledger
from vault.meter import FileMeter
from vault.objects import LocalObjects
from vault.tiles import TreeFolder

ACCESS_FILE = Path(__file__).parent.parent / "config" / "access" / "jinzhong.toml"


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


def load_access_rules(file: Path = ACCESS_FILE, *, demo_keys: bool = False) -> AccessRules:
    """Return the rules of who decides; raises ``UsageError`` with the key at fault."""
    text = read_text(file)
    tree = parse(text, str(file))
    return parse_access_rules(tree, hashlib.sha256(text.encode()).hexdigest(), demo_keys=demo_keys)
