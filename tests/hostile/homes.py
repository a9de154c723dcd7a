"""What a docking leaves behind, held against what it may leave behind."""

import hashlib
import re
from pathlib import Path

# Every name below a home is ours: digests, numbers, words of ours.  A recorder chose none of them.
OURS = re.compile(
    r"[0-9a-f]{2}|[0-9a-f]{64}(-\d+)?|x?\d{3}(\.p)?|\d+|tile|entries|staging|objects|vault|ledger|private"
    r"|run|slots|vkey|checkpoint|station\.secret|signing\.key|statements|dockseal\.log|ledger\.sock"
    r"|\d+\.(json|lock)|[a-z]+\.sqlite(-wal|-shm|-journal)?"
    r"|writer\.lock|pending|staged|bundles?|\.[\w.-]+\.partial"
)


def tree(root, without=()):
    """Return everything below ``root`` with its size and, of plain files, its digest."""
    return {
        str(path.relative_to(root)): digest(path)
        for path in sorted(root.rglob("*"))
        if not {path, *path.parents} & set(without)
    }


def digest(path):
    if path.is_symlink() or not path.is_file():
        return (path.lstat().st_mode, path.readlink() if path.is_symlink() else None)
    with path.open("rb") as file:
        return (path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def names_not_ours(home):
    """Return the names below a home that no code of ours would choose."""
    return [str(path) for path in home.rglob("*") if not OURS.fullmatch(path.name)]


def vault_bytes(home):
    """Return how much room vault and staging claim."""
    return sum(path.stat().st_size for path in (home / "vault").rglob("*") if path.is_file())


def sealed_digests(entries):
    return {entry.body["sha256"] for entry in entries if entry.type == "segment.sealed"}


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def held(root: Path, digests):
    """Hold that the vault has these objects, each under its own digest."""
    for name in digests:
        path = root / "vault" / "objects" / name[:2] / name
        assert digest(path)[1] == name
