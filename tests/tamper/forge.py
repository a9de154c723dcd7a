"""What somebody can do who has stolen the signing key, or who has the shell of the station.

A ``Forger`` writes the public tree anew from whatever leaves it is given, signs it, moves the lock
database along and lets index and catalogue be made again: as careful as an insider can be.
"""

import json
import secrets
import shutil

from evidence.canonical import encode
from evidence.entry import Draft, Private
from evidence.ids import new_id
from evidence.merkle import leaf_hash, root_hash
from evidence.tiles import grow
from tests.fakes.house import FOUNDING
from vault.founding import signed_head
from vault.keys import load_signer
from vault.lock import CheckpointLock


class Forger:
    """The leaves of a home, to be changed and put back."""

    def __init__(self, home):
        self.home = home
        self.leaves = home.leaves
        self.signer = load_signer(home.places.signing_key, FOUNDING.origin)

    def change(self, index, **fields):
        """Change fields of one entry, canonically."""
        self.leaves[index] = encode({**json.loads(self.leaves[index]), **fields})

    def change_body(self, index, **fields):
        self.change(index, body={**json.loads(self.leaves[index])["body"], **fields})

    def relink(self):
        """Give every entry the number and the links that fit the place where it stands now."""
        last = {}
        for index, leaf in enumerate(self.leaves):
            about = {subject: last.get(subject) for subject in json.loads(leaf)["about"]}
            self.change(index, seq=index, about=about)
            last |= dict.fromkeys(about, index)

    def write_tree(self):
        """Write bundles and tiles anew, and nothing else."""
        ledger = self.home.paths.ledger
        note = self.home.note
        shutil.rmtree(ledger)
        ledger.mkdir()
        hashes = [leaf_hash(leaf) for leaf in self.leaves]
        for tile, content in grow(0, self.leaves, hashes, None):
            path = ledger / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (ledger / "checkpoint").write_bytes(note)

    def sign(self):
        """Sign the tree, and publish that."""
        root = root_hash(leaf_hash(leaf) for leaf in self.leaves)
        self.head = signed_head(self.signer, len(self.leaves), root)
        (self.home.paths.ledger / "checkpoint").write_bytes(self.head.note)

    def move_lock(self):
        """Let the lock database tell the same, and what can be made again be made again."""
        self.home.places.lock.unlink()
        CheckpointLock.create(self.home.places.lock, self.head)
        for path in (self.home.places.index, self.home.paths.catalogue):
            path.unlink(missing_ok=True)

    def put_back(self):
        """All of it: nothing inside the home contradicts it any more."""
        self.write_tree()
        self.sign()
        self.move_lock()


class Shell:
    """Somebody at the station who writes entries of their own through the real door."""

    def __init__(self, home):
        self.home = home
        self.docking = new_id("d", secrets.token_bytes(16))
        first = home.entries("segment.sealed")[0]
        self.sealed = first
        self.body = first.body
        self.segment = f"s:{first.body['sha256']}"
        self.inventory = 0

    def open(self, docking=None, *, private=True):
        of = docking or self.docking
        body = {"slot": "1", "driver": "x", "battery": None, "sources": [], "after": "keep"}
        facts = Private(of, {"where": "x", "serial": None, "device": None, "volume": None})
        return self.draft("docking.opened", body, (of,), facts if private else None)

    def take_inventory(self, files=2, told=None):
        body = {
            "files": files if told is None else told,
            "bytes": 0,
            "deleted": 0,
            "file_system": None,
            "total_bytes": None,
            "free_bytes": None,
            "clock": {"kind": "unknown", "offset_ms": None, "how": "none"},
            "noted": [],
        }
        lines = tuple(
            {"line": n, "path": f"{n}", "raw": None, "size": 1, "modified": None, "created": None,
             "inode": n, "deleted": False}
            for n in range(files)
        )  # fmt: skip
        private = Private(self.docking, {}, lines)
        return self.draft("inventory.taken", body, (self.docking,), private)

    def begin(self, files=2):
        """Open a docking and take its inventory; the next acts are this docking's."""
        self.inventory = self.home.append(self.open(), self.take_inventory(files)) + 1

    def sighting(self, line, **fields):
        return {
            "docking": self.docking,
            "line": line,
            "inventory": self.inventory,
            "important": False,
            "claimed_at": None,
            "claimed_from": None,
            "corrected_at": None,
            **fields,
        }

    def see(self, line=0, *, sealed=None, noted=(), read="whole", **fields):
        body = {
            "sealed": self.sealed.seq if sealed is None else sealed,
            "sighting": self.sighting(line, **fields),
            "noted": [{"finding": each} for each in noted],
            "read": read,
            "blocks": None,
        }
        return self.draft(
            "segment.seen", body, (self.segment, self.docking), self.named(self.segment)
        )

    def seal(self, line=0, **fields):
        body = {**self.body, "sighting": self.sighting(line), **fields}
        segment = f"s:{body['sha256']}"
        return self.draft("segment.sealed", body, (segment, self.docking), self.named(segment))

    def named(self, segment):
        names = ("path", "maker", "device", "officer", "pattern", "number")
        return Private(segment, {**dict.fromkeys(names), "path": "x"})

    def judge(self, segment, lines):
        seam = {
            "before": segment,
            "after": None,
            "lines": lines,
            "kind": "gap",
            "ms": 1,
            "because": None,
        }
        body = {"act": "x", "part": 0, "parts": 1, "seams": [seam]}
        return self.draft("seams.judged", body, (self.docking, segment))

    def certify(self, lines=(0,), named=None, *, whole=False):
        body = {"act": "x", "part": 0, "parts": 1, "whole": whole, "lines": list(lines)}
        about = (self.docking, *((self.segment,) if named is None else named))
        return self.draft("docking.certified", body, about)

    def erase(self, certified, lines=(0,)):
        body = {"certified": [certified], "lines": list(lines), "remaining": 0}
        return self.draft("docking.erased", body, (self.docking,))

    def end(self, **fields):
        body = {
            "outcome": "complete",
            "recorder": "kept",
            "files": 2,
            "sealed": 0,
            "seen": 0,
            "left": 0,
            "bytes": 0,
            "ms": 0,
            "because": None,
            **fields,
        }
        return self.draft("docking.ended", body, (self.docking,))

    def draft(self, kind, body, about, private=None):
        return Draft(kind, "sys:ingest", about, body, private=private)
