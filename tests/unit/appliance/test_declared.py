"""What the ledger is told of the configuration: everything that decides, and no place or name."""

import json

import pytest

from appliance.config import Config, SlotSection
from appliance.declared import UNDECLARED, declared
from appliance.patterns import SHIPPED_FILE, load_patterns
from evidence.canonical import encode
from evidence.entry import ENTRY_LIMIT_BYTES

PATTERNS = load_patterns(SHIPPED_FILE)
SLOT = {"number": 1, "path": "/media/somebody's card", "after": "keep", "name": "Sergeant Li"}
PLACES = {
    "home": {"path": "/home/somebody"},
    "ledger": {"lock_path": "/srv/somewhere/lock"},
    "names": {"file": "/etc/somebody's names.toml"},
    "access": {"file": "/etc/somebody's access.toml"},
    "items": {"file": "/etc/somebody's items.toml"},
    "slots": [SLOT],
}


def keys_of_the_file():
    for section, field in Config.model_fields.items():
        model = SlotSection if section == "slots" else field.annotation
        yield from (f"{section}.{key}" for key in model.model_fields)


def told(tree=None, patterns=PATTERNS):
    return declared(Config.model_validate(tree or {}), patterns)


def test_every_key_is_declared_or_says_why_not():
    settings = told(PLACES)
    slot_keys = {f"slots.{key}" for key in settings["slots"][0]}
    both = {*settings, *slot_keys} - {"slots", "names.patterns"}
    assert not both & UNDECLARED.keys()
    assert both | UNDECLARED.keys() == set(keys_of_the_file())


def test_no_place_and_no_name_stands_among_the_settings():
    text = json.dumps(told(PLACES))
    assert "somebody" not in text
    assert "somewhere" not in text
    assert "Li" not in text


@pytest.mark.parametrize(
    "tree",
    [
        {"ingest": {"seam_tolerance_ms": 60_000}},
        {"limits": {"require_seccomp": False}},
        {"station": {"time_zone": "Asia/Urumqi"}},
        {"vault": {"sm3": True}},
        {"audit": {"level": "presence"}},
        {"slots": [{**SLOT, "after": "erase"}]},
    ],
)
def test_what_decides_is_told(tree):
    assert told(tree) != told({"slots": [SLOT]} if "slots" in tree else {})


def test_another_pattern_of_file_names_is_told():
    assert told(patterns=PATTERNS[1:]) != told()


def test_a_rack_of_64_slots_fits_into_an_entry():
    slots = [
        {"number": each, "path": f"/media/{each}", "after": "confirm"} for each in range(1, 65)
    ]
    settings = told({"slots": slots})
    twice = encode({"settings": settings, "changed": sorted(settings)})
    assert len(twice) < ENTRY_LIMIT_BYTES - 1024
