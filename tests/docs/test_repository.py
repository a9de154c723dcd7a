"""What must never stand in the repository, and what its documents must not promise in vain."""

import ast
import re
from pathlib import Path

import pytest

from tests.docs.tree import (
    ROOT,
    documents,
    existing_tests,
    files,
    links,
    named_tests,
    paths_in_code_marks,
    relative,
)
from tests.needs import TOOLS

MAX_BYTES = 1_000_000
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
TEST_MODULES = sorted((ROOT / "tests").rglob("test_*.py"))

MACHINE_PATHS = re.compile(r"/work/(?:main|shared)|/home/\w+/|/Users/\w+/|/root/\.\w")
REGISTRIES = re.compile(r"https?://\S*/(?:simple|packages)/|pypi\.org|pythonhosted", re.IGNORECASE)

NETWORK_LIBRARIES = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "urllib.request"}
RUNNERS = {"run", "Popen", "call", "check_call", "check_output"}
PACKAGES = ("appliance", "custody", "drivers", "evidence", "ingest", "vault")
# Who opens, or listens for, a connection, and why that is no way out.
SPEAK = {
    "appliance/post.py": "carries alarms out where that is configured: codes, no name and no path",
    "appliance/scrape.py": "listens for this machine itself, and refuses every other address",
}


def texts():
    return [path for path in files() if b"\0" not in path.read_bytes()[:8192]]


def matching(pattern):
    """Return the files in which a pattern occurs; this one has to spell the patterns."""
    others = [path for path in texts() if path != Path(__file__)]
    return [relative(path) for path in others if pattern.search(path.read_text("utf-8", "replace"))]


def speaks(source):
    """Return whether a module opens, or could open, a connection to another machine."""
    names = {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    imported = re.findall(r"^\s*(?:from|import) ([\w.]+)", source, re.MULTILINE)
    return bool(names & {"AF_INET", "AF_INET6", "create_connection", "create_server"}) or any(
        name.split(".")[0] in NETWORK_LIBRARIES or name in NETWORK_LIBRARIES for name in imported
    )


def tools_run(source):
    """Return the system tools of ``TOOLS`` that a test module hands to something that runs them."""
    return {name for call in calls(source) for name in literals(call.args)} & TOOLS.keys()


def calls(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            function = node.func
            if getattr(function, "attr", getattr(function, "id", "")) in RUNNERS:
                yield node


def literals(nodes):
    for node in nodes:
        if isinstance(node, ast.Constant):
            yield node.value
        elif isinstance(node, ast.List | ast.Tuple):
            yield from literals(node.elts)


def declared(path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "NEEDS":
            return set(ast.literal_eval(node.value))
    return set()


def unhashed(text):
    """Return the requirements of a lock file that are not pinned to version and hash."""
    joined = text.replace("\\\n", " ")
    pins = [
        line for line in joined.split("\n") if line.strip() and not line.lstrip().startswith("#")
    ]
    return [pin for pin in pins if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin)]


def test_no_path_of_somebodys_machine_is_in_the_repository():
    assert MACHINE_PATHS.search("see /work/main")
    assert not matching(MACHINE_PATHS)


def test_no_host_of_a_package_registry_is_in_the_repository():
    assert REGISTRIES.search("https://mirror.example/packages/x.whl")
    assert not matching(REGISTRIES)


def test_no_file_is_large():
    assert not [relative(path) for path in files() if path.stat().st_size > MAX_BYTES]


def test_no_file_is_binary_because_media_is_made_by_code():
    readable = set(texts())
    assert not [relative(path) for path in files() if path not in readable]


def test_nothing_here_speaks_to_a_network_but_those_that_say_why():
    assert speaks("import urllib.request\n")
    assert speaks("import socket\nsocket.socket(socket.AF_INET)\n")
    sources = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    found = {relative(path) for path in sources if speaks(path.read_text(encoding="utf-8"))}
    assert found == SPEAK.keys()


@pytest.mark.parametrize("lock", LOCKS, ids=relative)
def test_a_lock_file_pins_every_library_by_hash_and_names_no_host(lock):
    text = lock.read_text()
    assert "://" not in text
    assert not unhashed(text)


def test_a_requirement_without_a_hash_is_found():
    assert unhashed("rich==15.0.0\n") == ["rich==15.0.0"]
    assert unhashed("rich>=15 \\\n    --hash=sha256:" + "0" * 64 + "\n")


def test_a_picture_asks_no_server_for_anything():
    for path in (path for path in files() if path.suffix == ".svg"):
        urls = set(re.findall(r"https?://[^\s\"']+", path.read_text(encoding="utf-8")))
        assert urls <= {"http://www.w3.org/2000/svg"}, path


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_every_relative_link_leads_somewhere(document):
    for target in links(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_every_path_in_code_marks_is_there(document):
    for path in paths_in_code_marks(document.read_text(encoding="utf-8")):
        assert list(ROOT.glob(path)) if "*" in path else (ROOT / path).exists(), path


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_every_test_that_a_document_names_is_in_the_tree(document):
    assert set(named_tests(document.read_text(encoding="utf-8"))) <= existing_tests()


def test_a_link_and_a_path_and_a_test_that_lead_nowhere_are_seen():
    text = "[x](docs/gone.md) `evidence/gone.py` tests/docs/test_gone.py::test_gone"
    assert links(text) == ["docs/gone.md"]
    assert paths_in_code_marks(text) == ["evidence/gone.py"]
    assert not set(named_tests(text)) & existing_tests()


@pytest.mark.parametrize("module", TEST_MODULES, ids=relative)
def test_a_test_that_runs_a_system_tool_says_that_it_needs_it(module):
    assert tools_run(module.read_text(encoding="utf-8")) <= declared(module)


def test_a_tool_that_is_run_is_seen_however_it_is_called():
    assert tools_run('run("mcopy", "-i", image)') == {"mcopy"}
    assert tools_run('subprocess.run(["fsck.vfat", image], check=True)') == {"fsck.vfat"}
    assert not tools_run('Way("mtools", card, "mdel")')
