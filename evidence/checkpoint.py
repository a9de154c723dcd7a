"""C2SP tlog-checkpoint: the three lines of text that a ledger signs.  No extension lines."""

import base64
import re
from dataclasses import dataclass

from evidence.errors import MalformedError
from evidence.merkle import HASH_BYTES
from evidence.note import strict_base64

SIZE_LIMIT = 2**63 - 1
_INTEGER = re.compile(r"(?:0|[1-9][0-9]{0,18})")
_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: whose ledger, how many entries, and their RFC 6962 root (32 bytes)."""

    origin: str
    size: int
    root: bytes


def encode(checkpoint: Checkpoint) -> str:
    """Return the text that is signed: origin, size, root, each with its newline."""
    root = base64.b64encode(checkpoint.root).decode()
    text = f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"
    parse(text)  # what we could not read back is never signed
    return text


def parse(text: str) -> Checkpoint:
    """Return the checkpoint of exactly three lines; ``MalformedError`` for anything else."""
    lines = text.split("\n")  # never splitlines(): it knows more line ends than the standard
    if len(lines) != _LINES + 1 or lines[_LINES] or not lines[0]:
        raise MalformedError("checkpoint_malformed")
    origin, size, encoded = lines[:_LINES]
    if not _INTEGER.fullmatch(size) or int(size) > SIZE_LIMIT:
        raise MalformedError("checkpoint_malformed")
    root = strict_base64(encoded)
    if len(root) != HASH_BYTES:
        raise MalformedError("checkpoint_malformed")
    return Checkpoint(origin, int(size), root)
