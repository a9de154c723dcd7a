"""What the image writers share: the files of a volume, and the clusters on which they come to lie.

A writer first plants the files into a tree of nodes, then places every node on clusters, then
writes.  It hands back a ``Layout``, so that a test can say where a byte lies, and spoil it.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20  # bytes copied at a time
SECTOR = 512  # bytes
FIRST_CLUSTER = 2  # FAT32 and exFAT both count the clusters of the heap from two


def local(text: str) -> datetime:
    """Return a recorder's wall-clock time, naive because FAT knows no zone: "2026-11-21 10:00"."""
    return datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class Zeros:
    """Content of ``size`` zero bytes that takes no room on disk: it stays a hole."""

    size: int


Content = bytes | Path | Zeros


@dataclass(frozen=True, slots=True)
class RawName:
    """A name exactly as it shall stand on the medium, lawful or not.

    ``units`` are UTF-16 code units, at most 255 (long name entries, exFAT name entries).
    ``short`` are the 11 bytes of a FAT directory entry; without ``units`` there is no long name.
    """

    units: tuple[int, ...] = ()
    short: bytes | None = None


@dataclass(frozen=True, slots=True)
class VolumeFile:
    """One file of a volume.

    ``path``: directories joined by "/"; two files may carry the same one.  Times: local, naive.
    ``fragments``: in how many runs of clusters it lies.  A file of three or more runs ends
    physically before it begins.  ``deleted``: only its dead entry and its freed clusters are left;
    ``overwritten``: and another file has got its first cluster.
    """

    path: str
    content: Content = b""
    modified: datetime = field(default_factory=lambda: local("2026-11-21 10:00:00"))
    created: datetime | None = None
    raw_name: RawName | None = None
    fragments: int = 1
    deleted: bool = False
    overwritten: bool = False

    @property
    def size(self) -> int:
        """Bytes of the content."""
        if isinstance(self.content, Path):
            return self.content.stat().st_size
        return self.content.size if isinstance(self.content, Zeros) else len(self.content)


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring clusters: number of the first one, and how many."""

    first: int
    count: int


@dataclass(eq=False, slots=True)
class Node:
    """A file or a directory on its way into the image."""

    name: str
    file: VolumeFile | None  # None: a directory
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    size: int = 0  # bytes; of a directory: whole clusters
    entry_offset: int = -1  # bytes: where its (first) directory entry lies in the image

    @property
    def first_cluster(self) -> int:
        """Number of the first cluster; 0 where it has none."""
        return self.runs[0].first if self.runs else 0

    @property
    def freed(self) -> bool:
        """Whether its clusters are free again."""
        return self.file is not None and self.file.deleted


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything lies in a written image.  Offsets in bytes from the image's beginning."""

    path: Path
    root: Node
    start: int  # of the file system: 0, or the first byte of its partition
    fat_offset: int
    heap_offset: int  # of cluster 2
    cluster_bytes: int
    clusters: int
    free_clusters: int

    def offset(self, cluster: int) -> int:
        """Offset of a cluster."""
        return self.heap_offset + (cluster - FIRST_CLUSTER) * self.cluster_bytes

    def node(self, path: str) -> Node:
        """Return the first file or directory of this path; KeyError if there is none."""
        for node in walk(self.root):
            if node is not self.root and node_path(node) == path:
                return node
        raise KeyError(path)

    def extents(self, path: str) -> list[tuple[int, int]]:
        """Offset and length of each run of a file, in the order of its bytes."""
        node = self.node(path)
        return list(spans(node.runs, node.size, self.heap_offset, self.cluster_bytes))


def plant(files: Iterable[VolumeFile]) -> Node:
    """Make the tree of directories and files; the order of the files is kept."""
    root = Node("", None)
    folders = {"": root}
    for file in files:
        above, _, name = file.path.rpartition("/")
        parent = _folder(folders, above)
        parent.children.append(Node(name, file, parent, size=file.size))
    return root


def _folder(folders: dict[str, Node], path: str) -> Node:
    if path not in folders:
        above, _, name = path.rpartition("/")
        parent = _folder(folders, above)
        folders[path] = Node(name, None, parent)
        parent.children.append(folders[path])
    return folders[path]


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all below it, parents first."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(here.children))


def node_path(node: Node) -> str:
    """Return the path of a node, directories joined by "/"."""
    above = node_path(node.parent) if node.parent else ""
    return f"{above}/{node.name}" if above else node.name


def modified(node: Node) -> datetime:
    """Return the time of a file; of a directory, that of its newest file."""
    times = [each.file.modified for each in walk(node) if each.file]
    return max(times, default=local("2026-01-01"))


class Clusters:
    """Hands out clusters, lowest first."""

    def __init__(self) -> None:
        self.next = FIRST_CLUSTER

    def take(self, count: int) -> Run:
        """Take the next ``count`` clusters."""
        run = Run(self.next, count)
        self.next += count
        return run

    def take_bytes(self, size: int, cluster_bytes: int) -> list[Run]:
        """Take as many clusters as ``size`` bytes need, as one run; none for nothing."""
        count = -(-size // cluster_bytes)
        return [self.take(count)] if count else []


def place_files(root: Node, clusters: Clusters, cluster_bytes: int) -> None:
    """Place every file: the whole ones in their order, then the fragmented ones interleaved."""
    files = [(node, node.file) for node in walk(root) if node.file]
    broken: list[tuple[Node, list[int]]] = []
    for node, file in files:
        if file.overwritten:
            continue
        if file.fragments > 1:
            broken.append((node, _pieces(-(-node.size // cluster_bytes), file.fragments)))
        else:
            node.runs = clusters.take_bytes(node.size, cluster_bytes)
    _interleave(broken, clusters)
    living = [node for node, file in files if node.runs and not file.deleted]
    for node, file in files:
        if file.overwritten and living:
            node.runs = [Run(living[0].first_cluster, 1)]


def _pieces(clusters: int, fragments: int) -> list[int]:
    """Cut a number of clusters into (at most) so many parts of nearly the same size."""
    parts = max(1, min(clusters, fragments))
    return [(clusters * (i + 1)) // parts - (clusters * i) // parts for i in range(parts)]


def _interleave(broken: list[tuple[Node, list[int]]], clusters: Clusters) -> None:
    """Deal out the last runs first, then the others in turn, a free cluster after each."""
    for node, pieces in broken:
        node.runs = [Run(0, 0)] * len(pieces)
    longest = max((len(pieces) for _, pieces in broken), default=0)
    for turn in range(-1, longest - 1):
        for node, pieces in broken:
            if turn < len(pieces) - 1 and pieces[turn]:
                node.runs[turn] = clusters.take(pieces[turn])
                clusters.take(1)
    for node, _ in broken:
        node.runs = [run for run in node.runs if run.count]


def spans(runs: list[Run], size: int, heap: int, cluster_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield offset and length in bytes of each run, the last one cut to ``size``."""
    left = size
    for run in runs:
        length = min(left, run.count * cluster_bytes)
        yield heap + (run.first - FIRST_CLUSTER) * cluster_bytes, length
        left -= length


def write_content(out: BinaryIO, content: Content, where: Iterable[tuple[int, int]]) -> None:
    """Write a file's bytes into its runs; zeros stay a hole."""
    if isinstance(content, Zeros):
        return
    if isinstance(content, Path):
        with content.open("rb") as source:
            _copy(out, source, where)
        return
    done = 0
    for offset, length in where:
        out.seek(offset)
        out.write(content[done : done + length])
        done += length


def _copy(out: BinaryIO, source: BinaryIO, where: Iterable[tuple[int, int]]) -> None:
    for offset, length in where:
        out.seek(offset)
        left = length
        while left:
            chunk = source.read(min(left, CHUNK))
            if not chunk:
                message = "the source of a file is shorter than it was"
                raise ValueError(message)
            out.write(chunk)
            left -= len(chunk)


def dos_time(when: datetime) -> tuple[int, int, int]:
    """Return date word, time word and hundredths (0..199) as FAT and exFAT write them."""
    date = (when.year - 1980) << 9 | when.month << 5 | when.day
    time = when.hour << 11 | when.minute << 5 | when.second // 2
    return date, time, (when.second % 2) * 100 + when.microsecond // 10_000


def utf16(name: str) -> tuple[int, ...]:
    """Return the UTF-16 code units of a name."""
    data = name.encode("utf-16-le", "surrogatepass")
    return struct.unpack(f"<{len(data) // 2}H", data)


def write_mbr(out: BinaryIO, kind: int, first: int, sectors: int) -> None:
    """Write a master boot record with one partition; ``first`` and ``sectors`` in sectors."""
    far = b"\xfe\xff\xff"
    entry = struct.pack("<B3sB3sII", 0, far, kind, far, first, sectors)
    out.seek(446)
    out.write(entry.ljust(64, b"\0") + b"\x55\xaa")
