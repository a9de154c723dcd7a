"""A package of copied footage, and what it proves to whoever believes nobody.

    manifest.json                       what the package is: canonical JSON, ours
    segments/<sha256>.<ext>             a whole segment
    segments/<sha256>.<i>-<j>.part      its slices i to j, both included
    slices/<sha256>.jsonl               all its slice records
    entries/<index>.json                an entry of the ledger, byte for byte
    entries/<index>.tlog-proof          that it stands in the ledger (C2SP tlog-proof)
    vkey, README.txt                    for convenience; nothing is believed because of them

1. Every entry that the manifest names stands in the ledger of the key that the reader trusts.
2. Question, answer and look belong together: the answer names the question by its leaf hash, is a
   yes, and is not the asker's own; its approver has signed it with the key that the package holds
   as an entry; the look is a use of what it granted, and it is closed.
3. Every file gives the digests of slices that are under the root in the entry that sealed it, a
   whole one also the digest that is its name.
4. The files are what the closed look says has left, no more and no less.
5. Nothing else lies there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol

from custody.fields import integer, optional_text, sequence, text
from custody.holdings import RECORD_LIMIT_BYTES, Holding, Roll, parse_roll_of
from custody.parts import all_within, holding_of
from custody.register import key_of
from custody.requests import spans_of
from evidence.approval import approval_of, origins_of, verify_approval
from evidence.asking import SPAN_LIMIT, Span
from evidence.canonical import decode, encode
from evidence.codec import decode_entry, encode_entry
from evidence.entry import ENTRY_LIMIT_BYTES, Entry
from evidence.errors import MalformedError, ProofError
from evidence.ids import segment_id
from evidence.json import Json, JsonObject
from evidence.merkle import leaf_hash
from evidence.note import VerifierKey
from evidence.proof import PROOF_LIMIT_BYTES, SUFFIX
from evidence.proof import decode as decode_proof
from evidence.proof import verify as verify_proof
from evidence.slices import ROLL_LIMIT_BYTES, SliceHasher, Slicer

MANIFEST, VKEY, README = "manifest.json", "vkey", "README.txt"
MANIFEST_LIMIT_BYTES = 256 * 1024
BESIDE = frozenset({MANIFEST, VKEY, README})
# What a container is called when it is a file.  Ours: a recorder's own name never is a path.
EXTENSIONS: Mapping[str, str] = {
    "mp4": "mp4", "fragmented mp4": "mp4", "mov": "mov", "avi": "avi", "mpegts": "ts",
    "wav": "wav", "jpeg": "jpg",
}  # fmt: skip


class PackageFiles(Protocol):
    """The files of a package, by paths as above.  Everything raises ``VaultUnavailableError``."""

    def read(self, path: str, limit_bytes: int) -> bytes:
        """Return a small file whole; raises also where there is none, or a longer one."""
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield a file in chunks of at most 4 MiB."""
        ...

    def names(self) -> Iterator[str]:
        """Yield the path of every file that lies there."""
        ...


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of a package.  ``first`` and ``last``: slices, both None for the whole segment."""

    path: str
    segment: str
    sealed: int  # entry
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Package:
    """What a manifest says.  Entries by their index in the ledger."""

    origin: str
    grant: str
    request: int
    decision: int
    opened: int
    closed: int
    files: tuple[Packed, ...]
    key: int | None  # key.registered of the approver; None where policy asked for no signature

    @property
    def entries(self) -> tuple[int, ...]:
        """Return every entry that lies in the package, ascending."""
        keys = () if self.key is None else (self.key,)
        sealed = (each.sealed for each in self.files)
        leave = (self.request, self.decision, self.opened, self.closed)
        return tuple(sorted({*leave, *keys, *sealed}))


@dataclass(frozen=True, slots=True)
class PackageReport:
    """What was proven: the package, how large the tree was, how many bytes were digested."""

    package: Package
    size: int
    bytes: int
    holder: str  # p:…
    approver: str  # p:…
    signed: str | None  # webauthn/1, software/1 (the demo's), or None: nobody has signed


def file_name(span: Span, container: str | None) -> str:
    """Return the path of a copied span in its package."""
    digest = span.segment.removeprefix("s:")
    if span.first is None:
        return f"segments/{digest}.{EXTENSIONS.get(container or '', 'bin')}"
    return f"segments/{digest}.{span.first}-{span.last}.part"


def roll_name(segment: str) -> str:
    """Return the path of the slice records of a segment in its package."""
    return f"slices/{segment.removeprefix('s:')}.jsonl"


def entry_names(index: int) -> tuple[str, str]:
    """Return the paths of an entry and of its proof in a package."""
    return f"entries/{index}.json", f"entries/{index}{SUFFIX}"


def encode_manifest(package: Package) -> bytes:
    """Return the canonical bytes of a manifest."""
    files: list[Json] = [
        {"path": f.path, "segment": f.segment, "sealed": f.sealed, "first": f.first, "last": f.last}
        for f in package.files
    ]
    return encode(
        {
            "v": 1,
            "dockseal": "copy",
            "origin": package.origin,
            "grant": package.grant,
            "request": package.request,
            "decision": package.decision,
            "opened": package.opened,
            "closed": package.closed,
            "key": package.key,
            "files": files,
        }
    )


def parse_manifest(data: bytes) -> Package:
    """Return what a manifest says, or raise ``MalformedError``."""
    body = decode(data)
    if not isinstance(body, dict) or (body.get("v"), body.get("dockseal")) != (1, "copy"):
        raise MalformedError("manifest_malformed")
    files = sequence(body, "files")
    spans = spans_of({"spans": files})
    if len(files) > SPAN_LIMIT:
        raise MalformedError("manifest_malformed")
    return Package(
        origin=text(body, "origin"),
        grant=text(body, "grant"),
        request=integer(body, "request"),
        decision=integer(body, "decision"),
        opened=integer(body, "opened"),
        closed=integer(body, "closed"),
        key=None if body.get("key") is None else integer(body, "key"),
        files=tuple(_packed(each, span) for each, span in zip(files, spans, strict=True)),
    )


def _packed(value: Json, span: Span) -> Packed:
    body = value if isinstance(value, dict) else {}
    path = text(body, "path")
    return Packed(path, span.segment, integer(body, "sealed"), span.first, span.last)


def verify_package(files: PackageFiles, key: VerifierKey) -> PackageReport:
    """Hold all five points above; ``key`` is the one that the reader trusts, from elsewhere.

    Raises ``ProofError``, ``DigestMismatchError`` or ``MalformedError`` at the first that does not
    hold, with the path it was found at; ``VaultUnavailableError`` where a file is missing.
    """
    package = parse_manifest(files.read(MANIFEST, MANIFEST_LIMIT_BYTES))
    if package.origin != key.name:
        raise ProofError("proof_origin", expected=key.name, found=package.origin)
    entries, sizes = {}, set()
    for index in package.entries:  # 1
        entries[index], size = _proven(files, index, key)
        sizes.add(size)
    asker, approver = _check_leave(package, entries)  # 2
    signed = _check_signature(package, entries)
    done = sum(_check_file(files, each, entries[each.sealed]) for each in package.files)  # 3
    _check_left(package, entries, done)  # 4
    _check_strangers(package, files)  # 5
    return PackageReport(package, max(sizes), done, asker, approver, signed)


def _proven(files: PackageFiles, index: int, key: VerifierKey) -> tuple[Entry, int]:
    where, proof_at = entry_names(index)
    raw = files.read(where, ENTRY_LIMIT_BYTES)
    proof = decode_proof(files.read(proof_at, PROOF_LIMIT_BYTES))
    checkpoint = verify_proof(proof, raw, key)
    entry = decode_entry(raw)
    if (proof.index, entry.seq) != (index, index):
        _differs(where)
    return entry, checkpoint.size


def _check_leave(package: Package, entries: Mapping[int, Entry]) -> tuple[str, str]:
    """Return who asked and who said yes, once it is found that they did."""
    made, decided = entries[package.request], entries[package.decision]
    opened, closed = entries[package.opened], entries[package.closed]
    kinds = (made.type, decided.type, opened.type, closed.type)
    if kinds != ("request.made", "request.decided", "copy.opened", "copy.closed"):
        _differs(MANIFEST)
    answered: JsonObject = {
        "request": text(made.body, "request"),
        "entry": made.seq,
        "leaf": leaf_hash(encode_entry(made)).hex(),
        "grant": package.grant,
    }
    yes = decided.body.get("answer") == "approve" and decided.actor != made.actor
    if not yes or answered not in sequence(decided.body, "requests"):
        _differs(entry_names(decided.seq)[0])
    if (text(opened.body, "grant"), opened.actor) != (package.grant, made.actor):
        _differs(entry_names(opened.seq)[0])
    if (text(closed.body, "grant"), closed.body.get("opened")) != (package.grant, opened.seq):
        _differs(entry_names(closed.seq)[0])
    return made.actor, decided.actor


def _check_signature(package: Package, entries: Mapping[int, Entry]) -> str | None:
    """Return with what the approver has signed.

    The host that the browser named must be the relying party of the key, or lie below it.  That
    the key was not revoked by then, only the whole ledger can say.
    """
    decided = entries[package.decision]
    approval = approval_of(decided.body)
    if (approval.key if approval else None) != package.key:
        _differs(MANIFEST)
    if approval is None or package.key is None:
        return None
    registered = entries[package.key]
    if registered.type != "key.registered":
        _differs(entry_names(package.key)[0])
    key = key_of(registered)
    host = approval.envelope.get("origin", "").rpartition("//")[2]
    inside = f".{host.partition(':')[0]}".endswith(f".{key.rp}")
    verify_approval(decided, key, origins_of(host if inside else None), software=True)
    return key.fmt


def _check_file(files: PackageFiles, packed: Packed, sealed: Entry) -> int:
    """Return how many bytes of one file were digested and found to be the sealed ones."""
    if sealed.type != "segment.sealed" or segment_id(holding_of(sealed).sha256) != packed.segment:
        _differs(packed.path)
    holding, span = holding_of(sealed), Span(packed.segment, packed.first, packed.last)
    if packed.path != file_name(span, optional_text(sealed.body, "container")):
        _differs(packed.path)
    roll = _roll(files, packed.segment, holding)
    if span.first is None or span.last is None:
        return _check_whole(files, packed.path, holding, roll)
    return _check_part(files, packed.path, roll, range(span.first, span.last + 1))


def _roll(files: PackageFiles, segment: str, holding: Holding) -> Roll:
    limit = min(ROLL_LIMIT_BYTES, holding.count * RECORD_LIMIT_BYTES)
    return parse_roll_of(holding, files.read(roll_name(segment), limit))


def _check_whole(files: PackageFiles, path: str, holding: Holding, roll: Roll) -> int:
    hasher = SliceHasher(roll.cuts)
    for chunk in files.chunks(path):
        hasher.update(memoryview(chunk))
    digest, records = hasher.finish()
    if digest != holding.sha256 or records != roll.lines:
        _differs(path)
    return holding.size


def _check_part(files: PackageFiles, path: str, roll: Roll, numbers: range) -> int:
    cuts = roll.cuts[numbers.start : numbers.stop]
    lines = roll.lines[numbers.start : numbers.stop]
    if len(cuts) != len(numbers):
        _differs(path)
    slicer = Slicer(cuts)
    for chunk in files.chunks(path):
        slicer.update(chunk)
    if [_digest(each) for each in slicer.finish()] != [_digest(each) for each in lines]:
        _differs(path)
    return sum(cut.length for cut in cuts)


def _digest(record: bytes) -> str:
    body = decode(record)
    return text(body if isinstance(body, dict) else {}, "sha256")


def _check_left(package: Package, entries: Mapping[int, Entry], done: int) -> None:
    opened, closed = entries[package.opened].body, entries[package.closed].body
    spans = tuple(Span(each.segment, each.first, each.last) for each in package.files)
    granted = spans_of(entries[package.decision].body)
    if spans != spans_of(opened) or not all_within(spans, granted):
        _differs(entry_names(package.opened)[0])
    if (closed.get("how"), closed.get("bytes")) != ("complete", done):
        _differs(entry_names(package.closed)[0])


def _check_strangers(package: Package, files: PackageFiles) -> None:
    known = {name for index in package.entries for name in entry_names(index)}
    known |= {name for each in package.files for name in (each.path, roll_name(each.segment))}
    for name in files.names():
        if name not in known | BESIDE:
            _differs(name)


def _differs(path: str) -> NoReturn:
    raise ProofError("package_differs", path=path)
