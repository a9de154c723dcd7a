"""What a disk may hold after the power went: built from a tape, state by state.

The model is that of POSIX and no kinder.  What was synced is there.  Of everything since, any part
may be there: a later write without an earlier one, a few sectors of one, a name without the bytes,
a length without what fills it (zeros).  A name is durable when its folder was synced after it;
until then it may be missing, and a removed one may be back.  A rename may be done in the new folder
and not yet in the old one, never the other way round.
"""

import hashlib
import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.tape import DERIVED, Op, Tape

SECTORS = (512, 4096)  # bytes that a disk writes whole
UMASK = 0o022

Keep = Callable[[int, Op], bytes | bool]  # of a write it may answer with the sectors that came


@dataclass
class Disk:
    """A state: nodes with their bytes, and the names that lead to them."""

    content: dict[int, bytearray] = field(default_factory=dict)
    modes: dict[int, int] = field(default_factory=dict)
    entries: dict[int, dict[str, int]] = field(default_factory=dict)

    def apply(self, op: Op, kept: bytes | bool) -> None:
        """Let one operation have happened, wholly or in the sectors of ``kept`` (1: it came)."""
        if op.what == "name":
            self.entries[op.node][op.name] = op.target
        elif op.what == "unname":
            self.entries[op.node].pop(op.name, None)
        elif op.what == "mode":
            self.modes[op.node] = op.offset
        elif op.what == "cut":
            self._resize(op.node, op.offset)
        elif op.what == "write":
            self._write(op, kept)

    def _resize(self, node: int, length: int) -> None:
        content = self.content[node]
        del content[length:]
        content.extend(bytes(length - len(content)))

    def _write(self, op: Op, kept: bytes | bool) -> None:
        content, end = self.content[op.node], op.offset + len(op.data)
        if len(content) < end:
            self._resize(op.node, end)
        if kept is True:
            content[op.offset : end] = op.data
            return
        sector, *came = kept
        size = SECTORS[sector]
        for number, there in enumerate(came):
            begin = (op.offset // size + number) * size
            low, high = max(begin, op.offset), min(begin + size, end)
            if there and low < high:
                content[low:high] = op.data[low - op.offset : high - op.offset]

    def digest(self) -> bytes:
        """Return what two equal states have in common."""
        rolled = hashlib.sha256()
        for path, node in sorted(self.paths()):
            rolled.update(f"{path}\0{self.modes[node]}\0".encode())
            rolled.update(hashlib.sha256(self.content.get(node, b"")).digest())
        return rolled.digest()

    def paths(self, node: int = 0, above: str = "") -> Iterator[tuple[str, int]]:
        """Yield every path below a folder with its node; a folder ends in a slash."""
        for name, below in self.entries[node].items():
            if below in self.entries:
                yield f"{above}{name}/", below
                yield from self.paths(below, f"{above}{name}/")
            elif not name.endswith(DERIVED):
                yield f"{above}{name}", below

    def lay(self, root: Path) -> None:
        """Write the state below ``root``; files with two names stay one file."""
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        first: dict[int, Path] = {}
        for path, node in self.paths():
            target = root / path
            if path.endswith("/"):
                target.mkdir()
            elif node in first:
                target.hardlink_to(first[node])
            else:
                target.write_bytes(self.content[node])
                first[node] = target
            target.chmod(self.modes[node] & ~UMASK)


class Replay:
    """Builds the states in which the power may leave a disk after the first ``cut`` operations."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def state(self, cut: int, keep: Keep) -> Disk:
        """Return one state: everything synced, and of the rest what ``keep`` says."""
        disk = self._before()
        durable = self._durable(cut)
        kept: set[int] = set()
        for number, op in enumerate(self._tape.ops[:cut]):
            if op.what in {"sync", "promise"}:
                continue
            if op.pair >= 0 and op.pair not in kept:
                continue
            how = True if number in durable else keep(number, op)
            if how:
                kept.add(number)
                disk.apply(op, how)
        return disk

    def pending(self, cut: int) -> list[int]:
        """Return which operations are not durable at ``cut``."""
        durable = self._durable(cut)
        return [
            number
            for number, op in enumerate(self._tape.ops[:cut])
            if op.what not in {"sync", "promise"} and number not in durable
        ]

    def _durable(self, cut: int) -> set[int]:
        durable: set[int] = set()
        waiting: dict[int, list[int]] = defaultdict(list)
        for number, op in enumerate(self._tape.ops[:cut]):
            if op.what == "sync":
                durable.update(waiting.pop(op.node, ()))
            elif op.what != "promise":
                waiting[op.node].append(number)
        return durable

    def _before(self) -> Disk:
        disk = Disk()
        for number, node in enumerate(self._tape.nodes):
            disk.modes[number] = node.mode
            if node.content is None:
                disk.entries[number] = dict(node.entries)
            else:
                disk.content[number] = bytearray(node.content)
        return disk


def ways(replay: Replay, tape: Tape, cut: int, seed: int, more: int) -> Iterator[Keep]:
    """Yield ways to keep what was not synced: the extreme ones, then ``more`` at random."""
    pending = replay.pending(cut)
    names = {n for n in pending if tape.ops[n].what in {"name", "unname"}}
    yield lambda _number, _op: False
    yield lambda _number, _op: True
    yield lambda number, _op: number in names  # names without bytes
    yield lambda number, _op: number not in names  # bytes without names
    yield lambda _number, op: op.what == "unname"  # what was removed is gone, nothing new is there
    yield lambda number, op: _torn(op, bytes(64)) if number in pending else True  # only lengths
    if pending:
        yield lambda number, _op: number != pending[-1]
        yield lambda number, _op: number == pending[-1]
    chance = random.Random(f"{seed} {cut}")
    for _ in range(more):
        yield _by_chance(random.Random(chance.random()), pending)


def _by_chance(chance: random.Random, pending: Collection[int]) -> Keep:
    share = chance.choice((0.1, 0.5, 0.9))
    fate = {number: chance.random() < share for number in pending}
    torn = {number: chance.randbytes(64) for number in pending if chance.random() < share / 2}

    def keep(number: int, op: Op) -> bytes | bool:
        if number in torn and fate.get(number):
            return _torn(op, torn[number])
        return fate.get(number, True)

    return keep


def _torn(op: Op, dice: bytes) -> bytes | bool:
    """Return which sectors of a write came; what cannot tear came whole, or not at all."""
    if op.what != "write":
        return True
    sector = dice[0] & 1
    size = SECTORS[sector]
    count = (op.offset + len(op.data) - 1) // size - op.offset // size + 1 if op.data else 0
    came = (dice[1 + number % (len(dice) - 1)] & 1 for number in range(count))
    return bytes((sector, *came))


def forgotten(tape: Tape, cut: int, shift: Collection[str]) -> frozenset[str]:
    """Return what the card had been told to forget: there it counts as gone at once."""
    card = tape.nodes[0].entries.get("card")
    if card is None:
        return frozenset()
    gone: set[str] = set()
    paths: dict[tuple[int, str], str] = {}
    for path in shift:
        folder, *rest = card, *path.split("/")
        for part in rest[:-1]:
            folder = tape.nodes[folder].entries[part]
        paths[folder, rest[-1]] = path
    for op in tape.ops[:cut]:
        if op.what == "unname":
            with suppress(KeyError):
                gone.add(paths[op.node, op.name])
    return frozenset(gone)
