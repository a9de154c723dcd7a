"""Which list of items holds: the configured file, else the shipped one (``config/items``)."""

import hashlib
from pathlib import Path

from appliance.mistakes import parse, read_text
from appliance.settings import Settings
from custody.items import ItemList, parse_items

SHIPPED_FILE = Path(__file__).parent.parent / "config" / "items" / "jinzhong.toml"


def items_file(settings: Settings) -> Path:
    """Return the file that holds; a configured one is relative to the file that names it."""
    named = settings.config.items.file
    beside = settings.file.parent if settings.file else Path.cwd()
    return beside / Path(named).expanduser() if named else SHIPPED_FILE


def load_items(file: Path) -> ItemList:
    """Return the list of items; raises ``UsageError`` with the key at fault."""
    text = read_text(file)
    return parse_items(parse(text, str(file)), hashlib.sha256(text.encode()).hexdigest())
