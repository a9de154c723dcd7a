"""A copy that leaves the house: bytes through ``Access``, their entries and proofs, one folder.

The package is verified as its reader will verify it before it gets its name: what does not prove
itself is never called a copy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.folder import NewFolder, PackageFolder
from custody.access import Access, Look
from custody.desk import Desk
from custody.fields import optional_text
from custody.packages import (
    MANIFEST,
    README,
    VKEY,
    Package,
    PackageReport,
    Packed,
    encode_manifest,
    entry_names,
    file_name,
    roll_name,
    verify_package,
)
from custody.parts import Part, roll_of
from custody.requests import load_request
from custody.tree import Tree
from evidence.approval import approval_of
from evidence.asking import Span
from evidence.errors import CustodyError
from evidence.note import VerifierKey
from evidence.people import Actor
from evidence.proof import encode as encode_proof

Tell = Callable[[int, int], None]  # bytes done, of


@dataclass(frozen=True, slots=True)
class Copying:
    """Who copies by which grant, and what: ``spans`` None is everything that it grants."""

    desk: Desk
    key: VerifierKey
    actor: Actor
    grant: str
    spans: Sequence[Span] | None
    readme: str  # how to verify, in the words of whoever copies


def copy_grant(copying: Copying, folder: Path, tell: Tell) -> PackageReport:
    """Write the package into ``folder``, which is empty or not there; return what it proves.

    Raises ``UsageError`` for another folder, as ``Access`` does, and as the medium does.  On any
    failure nothing that looks like a copy stays; what had left by then stands in the ledger.
    """
    desk = copying.desk
    access = Access(desk)
    with NewFolder(folder) as new:
        grant = access.claim(copying.grant, copying.actor)
        with access.open(grant, copying.actor, _once(copying.spans)) as look:
            files = _write_segments(look, new, desk, tell)
        package = Package(
            origin=copying.key.name,
            grant=grant.id,
            request=load_request(desk.ledger, grant.request).entry,
            decision=grant.decision,
            opened=look.opened.entry,
            closed=_closed(look),
            files=files,
            key=_key(grant.decision, desk),
        )
        _write_papers(package, copying, new)
        report = verify_package(PackageFolder(new.path), copying.key)
        new.finish()
    return report


def _key(decision: int, desk: Desk) -> int | None:
    """Return the entry of the key that signed a decision; None where policy asked for none."""
    approval = approval_of(desk.ledger.entry(decision).body)
    return approval.key if approval else None


def _once(spans: Sequence[Span] | None) -> Sequence[Span] | None:
    """Return each span once: two files of one name are one."""
    return None if spans is None else tuple(dict.fromkeys(spans))


def _write_segments(look: Look, new: NewFolder, desk: Desk, tell: Tell) -> tuple[Packed, ...]:
    """Write every part as it leaves; each file is on the medium before the next begins."""
    pieces, files, done = iter(look), [], 0
    for part in look.parts:
        packed = _packed(part, desk)
        files.append(packed)
        with new.create(packed.path) as file:
            for _ in range(part.first, part.end):
                piece = next(pieces)
                file.write(piece.data)
                done += len(piece.data)
                tell(done, look.size)
        _write_roll(part, new, desk)
    return tuple(files)


def _packed(part: Part, desk: Desk) -> Packed:
    span, sealed = part.span, desk.ledger.entry(part.holding.entry)
    path = file_name(span, optional_text(sealed.body, "container"))
    return Packed(path, span.segment, sealed.seq, span.first, span.last)


def _write_roll(part: Part, new: NewFolder, desk: Desk) -> None:
    name = roll_name(part.span.segment)
    if not (new.path / name).exists():  # two parts of one segment share it
        lines = roll_of(part, desk.objects).lines
        new.write(name, b"".join(line + b"\n" for line in lines))


def _closed(look: Look) -> int:
    if look.closed is None:
        raise CustodyError("look_closed", entry=look.opened.entry)
    return look.closed


def _write_papers(package: Package, copying: Copying, new: NewFolder) -> None:
    """Write entries and proofs, all under one checkpoint; the manifest comes last."""
    tree = Tree(copying.desk.tiles)
    for index in package.entries:
        where, proof_at = entry_names(index)
        new.write(where, tree.leaf(index))
        new.write(proof_at, encode_proof(tree.prove(index)))
    new.write(VKEY, copying.key.text.encode() + b"\n")
    new.write(README, copying.readme.encode())
    new.write(MANIFEST, encode_manifest(package))
