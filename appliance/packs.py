"""Policy packs as files: the shipped ones by their names, any other by its path."""

import re
from pathlib import Path

from appliance.call import Call
from appliance.items import SHIPPED_FILE, items_file, load_items
from appliance.mistakes import parse, read_text
from custody.policies import check_items, policy_of
from evidence.keeping import Policy

SHIPPED = Path(__file__).parent.parent / "config" / "policies"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def load_pack(text: str) -> Policy:
    """Return the pack that is meant; raises ``UsageError`` with the key at fault."""
    shipped = SHIPPED / f"{text}.toml"
    file = shipped if _NAME.fullmatch(text) and shipped.is_file() else Path(text)
    return policy_of(parse(read_text(file), str(file)))


def shipped_packs() -> tuple[Policy, ...]:
    """Return the packs that come with the software, by their names."""
    return tuple(load_pack(file.stem) for file in sorted(SHIPPED.glob("*.toml")))


def check_pack(call: Call, policy: Policy) -> None:
    """Raise ``UsageError`` where rules of a pack do not fit a list of items that is known here.

    The configured list, and those that are shipped: a rule about another one cannot be checked.
    """
    files = {items_file(call.settings), *SHIPPED_FILE.parent.glob("*.toml")}
    named = {rule.list for rule in policy.rules}
    for items in (load_items(file) for file in sorted(files)):
        if items.name in named:
            check_items(policy, items)
