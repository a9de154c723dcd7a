"""An audit: every byte of the vault digested, every entry of the ledger read.

The peer is ``sha256sum -c`` over the same files, from the page cache; we read past it.  The rates
of entries are of one core: entries in a second of processor time, files of the tree in memory.
"""

import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance.reports import THREADS_OF_A_CORE
from bench import limits
from bench.made import make_noise, scratch
from bench.rounds import Timing, alternate
from bench.rows import Row, row
from custody.audit import Sources, audit
from custody.dockings import Dockings
from custody.findings import Findings
from custody.holdings import Level
from custody.shelves import Shelves
from custody.towers import Towers
from custody.verify import Visit, verify_tree
from evidence.checkpoint import parse
from evidence.codec import encode_entry
from evidence.digest import digest_of
from evidence.note import Signer, open_note
from evidence.slices import SliceHasher, fixed_cuts, roll
from evidence.tiles import TILE_WIDTH
from tests.fakes.histories import History
from tests.unit.custody.book import KEY, Book
from vault.objects import LocalObjects

FILES, FILE_BYTES, ROUNDS = 24, 128 << 20, 5
ENTRIES = 100_000
PER_DOCKING = 40  # files
SIGNER = Signer("org.example/dock/rack-1/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))
KEYS = [SIGNER.verifier]
GB = 1e9
SHA256SUM = ("sha256sum", "--quiet", "-c")
DIGEST_TARGET, PEER_TARGET = 0.95, 6.0
HASHES_TARGET, PARSED_TARGET = 250_000, 30_000  # entries/s on one core


def run(quick: bool) -> list[Row]:  # noqa: FBT001 - the one argument of every bench
    """Measure; see ``bench.rows``."""
    count, size, rounds = (4, 1 << 20, 1) if quick else (FILES, FILE_BYTES, ROUNDS)
    with scratch("audit") as folder:
        rows = _bytes(folder, count, size, rounds)
    return rows + _entries(2000 if quick else ENTRIES, rounds)


# --- the vault --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """A vault of random files, and a ledger in memory that has sealed them."""

    book: Book
    objects: LocalObjects
    files: Sequence[Path]
    sums: Path  # as sha256sum -c wants it


def _bytes(folder: Path, count: int, size: int, rounds: int) -> list[Row]:
    held = _fill(folder, count, size)
    jobs = {
        "hash": lambda: limits.hash_all(held.files),
        "read": lambda: limits.dd_read(held.files, THREADS_OF_A_CORE * limits.CORES),
        "digest": lambda: _audit(held, Level.DIGEST),
        "slices": lambda: _audit(held, Level.SLICES),
        "sha256sum": lambda: subprocess.run([*SHA256SUM, held.sums], check=True),
    }
    took = alternate(jobs, rounds)
    whole = count * size / GB
    one_pass = whole / max(took["hash"].s, took["read"].s)
    two_passes = whole / max(2 * took["hash"].s, took["read"].s)
    digest, slices = whole / took["digest"].s, whole / took["slices"].s
    note = "; ".join(f"{name}: {timing.spread}" for name, timing in took.items())
    return [
        row("audit, level digest", digest, "GB/s", DIGEST_TARGET, limit=one_pass, note=note),
        row("the same beside sha256sum -c", digest, "GB/s", PEER_TARGET,
            peer="sha256sum -c", peer_value=whole / took["sha256sum"].s),
        row("audit, level slices (two passes)", slices, "GB/s", DIGEST_TARGET, limit=two_passes),
    ]  # fmt: skip


def _fill(folder: Path, count: int, size: int) -> Held:
    """Make random files, place them in a vault and seal them, sliced every 1 MiB."""
    (folder / "made").mkdir()
    made = make_noise(folder / "made", count, size)
    objects = LocalObjects(folder / "vault", reserve_bytes=0)
    book, docking = Book(), f"d:{'0d' * 16}"
    book.write("docking.opened", {"slot": "1"}, (docking,), facts={"where": "bench"})
    lines = [{"line": n, "path": path.name, "deleted": False} for n, path in enumerate(made)]
    body = {"files": count, "deleted": 0}
    inventory = book.write("inventory.taken", body, (docking,), lines=lines)
    with ThreadPoolExecutor(limits.CORES) as pool:
        sealed = list(pool.map(partial(_place, objects, folder / "vault"), made))
    for line, each in enumerate(sealed):
        sighting = {"docking": docking, "line": line, "inventory": inventory}
        subjects = (f"s:{each['sha256']}", docking)
        book.write("segment.sealed", {**each, "sighting": sighting}, subjects, facts={"path": "x"})
    book.publish()
    files = [folder / "vault/objects" / each["sha256"][:2] / each["sha256"] for each in sealed]
    sums = folder / "SHA256SUMS"
    sums.write_text("".join(f"{path.name}  {path}\n" for path in files), "utf-8")
    return Held(book, objects, files, sums)


def _place(objects: LocalObjects, vault: Path, made: Path) -> dict[str, object]:
    """Move a file to its place as the vault would have put it there; return its entry's body."""
    hasher = SliceHasher(fixed_cuts(made.stat().st_size))
    with made.open("rb") as file:
        while piece := file.read(1 << 20):
            hasher.update(memoryview(piece))
    sha256, records = hasher.finish()
    rolled, data = roll(records)
    objects.put(data)
    place = vault / "objects" / sha256[:2] / sha256
    place.parent.mkdir(exist_ok=True)
    made.rename(place)
    place.chmod(0o444)
    slices = {"count": rolled.count, "root": rolled.root, "sha256": rolled.sha256}
    return {"sha256": sha256, "size": place.stat().st_size, "slices": slices, "noted": []}


def _audit(held: Held, level: Level) -> None:
    sources = Sources(held.book.tiles, KEY, held.objects, held.book.statements)
    with ThreadPoolExecutor(THREADS_OF_A_CORE * limits.CORES) as pool:
        report = audit(sources, level, run=pool.map)
    if not report.clean:
        raise ValueError(str(report.findings[:3]))


# --- the entries ------------------------------------------------------------------------------


def _entries(count: int, rounds: int) -> list[Row]:
    book = _history(count)
    jobs: dict[str, Callable[[], None]] = {
        "hashes": lambda: _read_hashes(book),
        "parsed": lambda: _verify(book),
        "judged": lambda: _judge(book),
    }
    took = alternate(jobs, rounds)
    length = sum(map(len, book.leaves)) // count

    def rate(timing: Timing) -> float:
        return count / max(timing.cpu_s, 0.01)

    return [
        row("entries: tree and hashes, one core", rate(took["hashes"]), "entries/s",
            HASHES_TARGET, note=f"{length} bytes each; {took['hashes'].spread}"),
        row("entries: each parsed; seq, about and canonical form", rate(took["parsed"]),
            "entries/s", PARSED_TARGET, note=took["parsed"].spread),
        row("entries: and the order of every docking judged", rate(took["judged"]), "entries/s",
            note=took["judged"].spread),
    ]  # fmt: skip


def _history(count: int) -> Book:
    """Return a ledger of plausible dockings, signed."""
    history = History(people=500)
    body = {"origin": SIGNER.verifier.name, "vkey": SIGNER.verifier.text, "software": "bench"}
    history.add("ledger.started", (), body)
    while len(history.pairs) < count:
        recorder = f"r:{digest_of([history.hex(8).encode()])}"
        history.docking(PER_DOCKING, recorder=recorder)
    book = Book(started=False)
    book.leaves += [encode_entry(entry) for entry, _ in history.pairs[:count]]
    book.publish()
    book.sign(signer=SIGNER, origin=SIGNER.verifier.name)
    return book


def _read_hashes(book: Book) -> None:
    """Read bundles and tiles, hash every entry, build the tree and compare its root."""
    findings, checkpoint = Findings(), parse(open_note(book.files["checkpoint"], KEYS))
    shelves = Shelves(book.tiles, checkpoint.size, findings)
    towers = Towers(shelves, checkpoint, (), findings)
    for number in range(-(-checkpoint.size // TILE_WIDTH)):
        entries, hashes = shelves.bundle(number), shelves.hashes(number)
        towers.add(number * TILE_WIDTH, entries, hashes)
    towers.judge()
    _expect_nothing(findings)


def _verify(book: Book, visit: Visit | None = None) -> None:
    report = verify_tree(book.tiles, SIGNER.verifier, visit=visit)
    if report.count:
        raise ValueError(str(report.findings[:3]))


def _judge(book: Book) -> None:
    """Read what the dockings say too; that the made-up ones are not quite in order is all right."""
    _verify(book, Dockings(Findings()).read)


def _expect_nothing(findings: Findings) -> None:
    if findings.count:
        raise ValueError(str(findings.kept[:3]))
