"""Rules that neither mypy nor import-linter can hold."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("api", "appliance", "custody", "drivers", "evidence", "ingest", "vault")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

# A type that stands for a promise is made only where the promise is kept.
MADE_ONLY_IN = {
    "Listed": "ingest/inventory.py",
    "Inventory": "ingest/inventory.py",
    "Received": "ingest/receive.py",
    "SliceRoll": "evidence/slices.py",
    "Stored": "ingest/store.py",
    "Sealed": "ingest/seal.py",
    "Recognised": "ingest/recognise.py",
    "Certificate": "ingest/certify.py",
    "Disposal": "custody/disposals.py",
    "Tombstone": "custody/disposals.py",
    "Register": "custody/register.py",
    "Unit": "custody/register.py",
    "Person": "custody/register.py",
    "Held": "custody/register.py",
    "Key": "custody/register.py",
    "Request": "custody/requests.py",
    "Grant": "custody/grants.py",
    "Opened": "custody/access.py",
    "SignedIn": "custody/sessions.py",
    "Present": "custody/sessions.py",
    "Asserted": "evidence/webauthn.py",
    "Hold": "custody/shelf.py",
    "Shelf": "custody/shelf.py",
    "Attested": "custody/shelf.py",
    "Policy": "custody/policies.py",
}

# Each outside library has one door (DESIGN 2).
DOORS = {
    "pytsk3": {"drivers/disk.py"},
    "sqlalchemy": {
        "vault/columns.py",
        "vault/tables.py",
        "vault/desk_tables.py",
        "vault/keep_tables.py",
        "vault/sql.py",
        "vault/forgetting.py",
        "vault/fulltext.py",
        "vault/catalogue.py",
        "vault/candidates.py",
        "vault/figures.py",
        "vault/queries.py",
        "vault/label_queries.py",
        "vault/alarm_queries.py",
    },
    "av": {"ingest/packets.py"},
    "numpy": {"ingest/tables.py", "ingest/timeline.py"},
    "argon2": {"vault/passwords.py"},
    "pydantic": {
        "appliance/config.py",
        "appliance/section.py",
        "appliance/alarm_config.py",
        "api/models.py",
        "api/models_admin.py",
        "api/models_alarms.py",
        "api/models_disposals.py",
        "api/models_footage.py",
        "api/models_keep.py",
        "api/models_segments.py",
        "api/models_weeks.py",
        "api/once.py",
    },
    "prometheus_client": {"appliance/metrics.py"},
    "rich": {"appliance/display.py"},
    "uvicorn": {"appliance/apid.py", "appliance/scrape.py", "appliance/wire.py"},
    "jinja2": {"api/rendering.py"},
    "webauthn": {"api/keys.py"},
}
# A framework is a room's own language, not a door: only this room speaks it.
ROOMS = {"fastapi": "api", "starlette": "api"}
MAX_LINES = 350
MAX_TEST_LINES = 600
MAX_FUNCTION_LINES = 40


def relative(path):
    return str(path.relative_to(ROOT))


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_promises_are_made_only_where_they_are_kept(path):
    name = relative(path)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert MADE_ONLY_IN.get(node.func.id, name) == name


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_each_outside_library_has_one_door(path):
    for module in imported(ast.parse(path.read_text())):
        assert relative(path) in DOORS.get(module, {relative(path)}), module
        assert relative(path).split("/")[0] == ROOMS.get(module, relative(path).split("/")[0])


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_module_can_be_read_in_one_sitting(path):
    text = path.read_text()
    assert len(text.splitlines()) <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", TESTS, ids=relative)
def test_a_test_module_can_be_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= MAX_TEST_LINES
