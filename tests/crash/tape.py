"""Everything that a process did to a home and a card, as strace saw it: a list of operations.

The names of strace's log become a small model of a file system: directories and files are nodes
with numbers, so that what is written through an old name, or after an unlink, goes where it went.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

RECORDED = (
    "openat", "close", "dup", "dup2", "dup3", "lseek", "write", "pwrite64", "ftruncate", "fsync",
    "fdatasync", "rename", "link", "linkat", "unlink", "unlinkat", "mkdir", "rmdir", "chmod",
    "fchmod", "fchmodat", "mmap",
    # None of these is used today.  One that appears is refused: it would be a write unseen.
    "writev", "pwritev", "pwritev2", "fallocate", "truncate", "sync_file_range", "msync",
    "copy_file_range", "sendfile", "renameat", "renameat2", "mkdirat",
)  # fmt: skip
OPTIONS = ["-xx", "-s", "100000000", "-e", f"trace={','.join(RECORDED)}"]
LINE = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)")
RESUMED = re.compile(r"\d+ +<\.\.\. \w+ resumed>(.*)")
UNFINISHED = " <unfinished ...>"
ARGUMENT = re.compile(r'"[^"]*"|\{[^}]*\}|[^,]+')
PROMISE = re.compile(rb"promised (\w+) (\w+)\n")
STANDARD_ERROR = 2
DERIVED = "-shm"  # SQLite's shared memory: it is never read after a crash


@dataclass(frozen=True)
class Op:
    """One operation: ``what`` with the nodes and values it needs.

    write (node, offset, data), cut (node, length), mode (node, bits), sync (node),
    name (folder, name, node), unname (folder, name), promise (what, value)
    ``pair``: the number of the ``name`` without which an ``unname`` cannot have happened (rename).
    """

    what: str
    node: int = -1
    name: str = ""
    offset: int = 0
    data: bytes = b""
    target: int = -1
    pair: int = -1


@dataclass
class Node:
    """A file or a folder as it was before the first operation."""

    content: bytes | None  # None: a folder
    mode: int
    entries: dict[str, int] = field(default_factory=dict)


class Tape:
    """Reads logs, one after the other, over the same folder; what is outside of it is left out."""

    def __init__(self, root: Path) -> None:
        """Begin with what lies below ``root`` now, all of it durable."""
        self.root = root
        self.nodes: list[Node] = []
        self.ops: list[Op] = []
        self._now: dict[int, dict[str, int]] = {}  # folder -> entries as processes see them
        self._take(root)
        self._open: dict[int, tuple[int, int]] = {}  # descriptor -> node, position

    def read(self, log: Path) -> None:
        """Append the operations of one process; each has happened when its call returned."""
        self._open = {}
        for line in _joined(log.read_text("latin-1").splitlines()):
            found = LINE.match(line)
            if found and not found[3].startswith("-"):
                arguments = [each.strip() for each in ARGUMENT.findall(found[2])]
                getattr(self, f"_{found[1]}")(arguments, int(found[3]))

    # --- the calls --------------------------------------------------------------------------

    def _openat(self, given: list[str], result: int) -> None:
        place = self._place(given[1], given[0])
        if place is None:
            self._open.pop(result, None)
            return
        folder, name = place
        node = self._now[folder].get(name) if name else folder
        if node is None:
            if "O_CREAT" not in given[2]:
                raise ValueError(given)
            node = self._node(Node(b"", int(given[3], 8)))
            self._name(folder, name, node)
        elif "O_TRUNC" in given[2]:
            self.ops.append(Op("cut", node))
        self._open[result] = (node, 0)

    def _close(self, given: list[str], _result: int) -> None:
        self._open.pop(int(given[0]), None)

    def _dup(self, given: list[str], result: int) -> None:
        if int(given[0]) in self._open:
            self._open[result] = self._open[int(given[0])]

    _dup2 = _dup3 = _dup

    def _lseek(self, given: list[str], result: int) -> None:
        if opened := self._open.get(int(given[0])):
            self._open[int(given[0])] = (opened[0], result)

    def _write(self, given: list[str], result: int) -> None:
        data = _bytes(given[1])[:result]
        if opened := self._open.get(int(given[0])):
            node, at = opened
            self.ops.append(Op("write", node, offset=at, data=data))
            self._open[int(given[0])] = (node, at + result)
        elif int(given[0]) == STANDARD_ERROR and (told := PROMISE.fullmatch(data)):
            self.ops.append(Op("promise", name=told[1].decode(), data=told[2]))

    def _pwrite64(self, given: list[str], result: int) -> None:
        if opened := self._open.get(int(given[0])):
            data = _bytes(given[1])[:result]
            self.ops.append(Op("write", opened[0], offset=int(given[3]), data=data))

    def _ftruncate(self, given: list[str], _result: int) -> None:
        if opened := self._open.get(int(given[0])):
            self.ops.append(Op("cut", opened[0], offset=int(given[1])))

    def _fsync(self, given: list[str], _result: int) -> None:
        if opened := self._open.get(int(given[0])):
            self.ops.append(Op("sync", opened[0]))

    _fdatasync = _fsync

    def _rename(self, given: list[str], _result: int) -> None:
        source, target = self._place(given[0]), self._place(given[1])
        if source and target:
            node = self._now[source[0]][source[1]]
            self._name(*target, node)
            self._unname(*source, pair=len(self.ops) - 1)

    def _link(self, given: list[str], _result: int) -> None:
        source, target = self._place(given[0]), self._place(given[1])
        if source and target:
            self._name(*target, self._now[source[0]][source[1]])

    def _linkat(self, given: list[str], result: int) -> None:
        self._link([given[1], given[3]], result)

    def _unlink(self, given: list[str], _result: int) -> None:
        if place := self._place(given[0]):
            self._unname(*place)

    _rmdir = _unlink

    def _unlinkat(self, given: list[str], _result: int) -> None:
        if place := self._place(given[1], given[0]):
            self._unname(*place)

    def _mkdir(self, given: list[str], _result: int) -> None:
        if place := self._place(given[0]):
            node = self._node(Node(None, int(given[1], 8)))
            self._now[node] = {}
            self._name(*place, node)

    def _chmod(self, given: list[str], _result: int) -> None:
        if place := self._place(given[0]):
            node = self._now[place[0]][place[1]]
            self.ops.append(Op("mode", node, offset=int(given[1], 8)))

    def _fchmod(self, given: list[str], _result: int) -> None:
        if opened := self._open.get(int(given[0])):
            self.ops.append(Op("mode", opened[0], offset=int(given[1], 8)))

    def _fchmodat(self, given: list[str], result: int) -> None:
        self._chmod(given[1:], result)

    def _mmap(self, given: list[str], _result: int) -> None:
        opened = self._open.get(int(given[4])) if given[4].isdecimal() else None
        written = "MAP_SHARED" in given[3] and "PROT_WRITE" in given[2]
        if opened and written and not self._derived(opened[0]):
            raise ValueError("written through a mapping: this tape would miss it")

    # --- the model --------------------------------------------------------------------------

    def _take(self, path: Path) -> int:
        folder = path.is_dir()
        content = None if folder else path.read_bytes()
        node = self._node(Node(content, path.stat().st_mode & 0o777))
        if folder:
            below = {each.name: self._take(each) for each in sorted(path.iterdir())}
            self.nodes[node].entries = below
            self._now[node] = dict(below)
        return node

    def _node(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def _name(self, folder: int, name: str, node: int) -> None:
        self._now[folder][name] = node
        self.ops.append(Op("name", folder, name, target=node))

    def _unname(self, folder: int, name: str, pair: int = -1) -> None:
        del self._now[folder][name]
        self.ops.append(Op("unname", folder, name, pair=pair))

    def _place(self, quoted: str, beside: str = "AT_FDCWD") -> tuple[int, str] | None:
        """Return folder and name of a path, ("", for the root itself), or None outside of it."""
        path = PurePosixPath(_bytes(quoted).decode())
        if path.is_absolute():
            if not path.is_relative_to(self.root):
                return None
            node, parts = 0, path.relative_to(self.root).parts
        elif beside.isdecimal() and int(beside) in self._open:
            node, parts = self._open[int(beside)][0], path.parts
        else:
            return None
        for part in parts[:-1]:
            node = self._now[node][part]
        return (node, parts[-1]) if parts else (node, "")

    def _derived(self, node: int) -> bool:
        return any(
            name.endswith(DERIVED) and each == node
            for entries in self._now.values()
            for name, each in entries.items()
        )

    def __getattr__(self, name: str) -> object:
        raise ValueError(f"a call that this tape does not know: {name}")


def _joined(lines: list[str]) -> Iterator[str]:
    """Yield whole calls: one that another thread interrupted stands in two lines."""
    begun: dict[str, str] = {}
    for line in lines:
        thread = line.partition(" ")[0]
        if found := RESUMED.match(line):
            yield begun.pop(thread) + found[1]
        elif line.endswith(UNFINISHED):
            begun[thread] = line.removesuffix(UNFINISHED)
        else:
            yield line


def _bytes(quoted: str) -> bytes:
    return ast.literal_eval(f"b{quoted}")


def promises(ops: list[Op]) -> Iterator[tuple[str, str]]:
    """Yield what was promised to somebody."""
    yield from ((op.name, op.data.decode()) for op in ops if op.what == "promise")
