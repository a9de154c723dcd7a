"""A ledger in memory, written with the real codec, tiles and note; and ways to spoil it."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.canonical import encode
from evidence.checkpoint import Checkpoint
from evidence.checkpoint import encode as encode_checkpoint
from evidence.codec import (
    decode_entry,
    encode_entry,
    encode_statement,
    roll_root,
)
from evidence.entry import Commitment, Entry, Receipt, Statement
from evidence.errors import IntegrityError
from evidence.merkle import leaf_hash, root_hash
from evidence.note import Signer, sign_note
from evidence.tiles import grow

ORIGIN = "lab.example/dock/0042/1"
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEY = SIGNER.verifier
START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class MemoryTiles:
    """The port ``Tiles`` over a dictionary."""

    def __init__(self, files):
        self.files = files

    def checkpoint(self):
        return self.files.get("checkpoint")

    def read(self, path):
        return self.files.get(path)

    def names(self):
        yield from sorted(name for name in self.files if name != "checkpoint")


class MemoryStatements:
    """The port ``Statements``: None where the key is destroyed, an error where it is gone."""

    def __init__(self):
        self.kept = {}
        self.places = []  # (entry, commitment) in the order of writing
        self.destroyed = set()

    def get(self, commitment):
        if commitment.of in self.destroyed:
            return None
        if commitment.sha256 not in self.kept:
            raise IntegrityError("statement_missing", sha256=commitment.sha256)
        return self.kept[commitment.sha256]

    def commitments(self):
        yield from self.places


class Book:
    """Entries, tiles and statements of one ledger; also the port ``Ledger`` over them."""

    def __init__(self, *, started=True):
        self.leaves = []
        self.last_of = {}
        self.at = START
        self.files = {}
        self.tiles = MemoryTiles(self.files)
        self.statements = MemoryStatements()
        if started:
            self.write("ledger.started", {"origin": ORIGIN, "vkey": KEY.text, "software": "test"})
            self.publish()

    def write(self, kind, body, about=(), *, facts=None, lines=(), **fields):
        """Add one entry to the batch under way; return its index.  ``fields`` override."""
        seq = len(self.leaves)
        commitment = None
        if facts is not None or lines:
            commitment = self.state(about[0] if about else "d:" + "0" * 32, facts or {}, lines)
            if lines:
                salted = self.statements.kept[commitment.sha256].lines
                body = {**body, "roll": {"count": len(salted), "root": roll_root(salted)}}
        self.at += timedelta(seconds=1)
        entry = Entry(
            type=kind,
            station=fields.get("station", "0042"),
            seq=fields.get("seq", seq),
            at=fields.get("at", self.at),
            actor=fields.get("actor", "sys:ingest"),
            about=fields.get("links", {each: self.last_of.get(each) for each in about}),
            statement=fields.get("statement", commitment),
            body=body,
        )
        self.leaves.append(encode_entry(entry))
        self.last_of |= dict.fromkeys(entry.about, seq)
        return seq

    def state(self, of, facts, lines):
        salted = tuple({**line, "salt": secrets.token_hex(16)} for line in lines)
        statement = Statement(of, secrets.token_hex(32), facts, salted)
        digest = sha256(encode_statement(statement)).hexdigest()
        self.statements.kept[digest] = statement
        self.statements.places.append((len(self.leaves), Commitment(of, digest)))
        return Commitment(of, digest)

    def publish(self):
        """Write bundles, tiles and checkpoint of everything added."""
        size = self.published
        entries = self.leaves[size:]
        hashes = [leaf_hash(each) for each in entries]
        new = list(grow(size, entries, hashes, lambda tile: self.files[tile.path]))
        self.files |= {tile.path: content for tile, content in new}
        self.sign()

    def sign(self, **claims):
        """Publish whatever is claimed, signed."""
        self.files["checkpoint"] = self.note(**claims)

    def note(self, size=None, root=None, signer=SIGNER, origin=ORIGIN):
        """Return a signed checkpoint of what there is, or of whatever is claimed."""
        size = len(self.leaves) if size is None else size
        root = root or root_hash(leaf_hash(each) for each in self.leaves[:size])
        return sign_note(encode_checkpoint(Checkpoint(origin, size, root)), signer)

    @property
    def published(self):
        note = self.files.get("checkpoint")
        return int(note.split(b"\n")[1]) if note else 0

    def checkpoint(self):
        return Checkpoint(
            ORIGIN, len(self.leaves), root_hash(leaf_hash(each) for each in self.leaves)
        )

    def rewrite(self):
        """Make the whole tree anew from the leaves as they are now, and sign it: a forger."""
        self.files.clear()
        self.publish()

    def change(self, index, **fields):
        """Change fields of one leaf, canonically, and nothing else."""
        self.leaves[index] = encode({**json.loads(self.leaves[index]), **fields})

    def change_body(self, index, **fields):
        self.change(index, body={**json.loads(self.leaves[index])["body"], **fields})

    # the port Ledger

    def last(self, subject):
        return self.last_of.get(subject)

    def entry(self, index):
        return decode_entry(self.leaves[index])

    def append(self, drafts):
        indexes = [
            self.write(each.type, each.body, each.about, actor=each.actor) for each in drafts
        ]
        self.publish()
        return Receipt(tuple(indexes), len(self.leaves))


def codes(found):
    return [str(each.code) for each in found]
