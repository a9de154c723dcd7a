"""The last step of a docking: the recorder may forget what the certificate names."""

from collections.abc import Iterable

from evidence.entry import Draft
from evidence.errors import EraseError
from evidence.json import Json, JsonObject
from evidence.ports import Recorder
from evidence.recorders import FileEntry
from evidence.states import Certificate, Inventory, Listed
from ingest.certify import certify
from ingest.outcome import Progress
from ingest.tools import ACTOR, Tools

LINES_OF_ONE_ENTRY = 2000  # numbers of up to five digits, within 16 KiB


def forget(
    recorder: Recorder, after: str, progress: Progress, inventory: Inventory, tools: Tools
) -> None:
    """Certify, and erase if that was asked for; ``keep`` writes nothing and touches nothing."""
    if after == "keep":
        return
    certificate = certify(inventory, progress.sealed, f"certify:{progress.docking}", tools)
    if certificate is None:
        progress.because = "nothing_to_certify"
        return
    progress.recorder = "confirmed"
    if after == "erase":
        _erase(recorder, certificate, progress, inventory, tools)


def _erase(
    recorder: Recorder,
    certificate: Certificate,
    progress: Progress,
    inventory: Inventory,
    tools: Tools,
) -> None:
    """Let it forget, look what it really forgot, and write that down, whatever it reported."""
    tools.observer.docking("erasing")
    try:
        recorder.erase(certificate)
        progress.recorder = "erased"
    except EraseError as error:
        progress.because = error.word
        if error.word == "erase_unsupported":
            # This machine cannot write to that medium: nothing was touched, the certificate
            # stands, and the next docking will see the same files again.
            return
    there = {_mark(file) for file in recorder.listing().files}
    gone = [listed for listed in inventory.files if _mark(listed.file) not in there]
    named = {each.stored.received.listed.line for each in certificate.sealed}
    drafts = _erased(gone, named, certificate, len(there), inventory)
    tools.ledger.append(drafts)


def _erased(
    gone: Iterable[Listed],
    named: set[int],
    certificate: Certificate,
    remaining: int,
    inventory: Inventory,
) -> list[Draft]:
    about = (inventory.docking, inventory.recorder) if inventory.recorder else (inventory.docking,)
    lines = [listed.line for listed in gone]
    lawful = [line for line in lines if line in named]
    drafts = [
        Draft("docking.erased", ACTOR, about, _body(certificate, part, remaining))
        for part in _parts(lawful)
    ]
    lost = len(lines) - len(lawful)
    if lost:
        # It forgot what nobody allowed it to forget: the worst that a recorder can do.
        facts: JsonObject = {"lines": [line for line in lines if line not in named][:100]}
        body: JsonObject = {"alarm": "erased_uncertified", "facts": {**facts, "count": lost}}
        drafts.append(Draft("alarm.raised", ACTOR, about, body))
    return drafts


def _body(certificate: Certificate, lines: list[int], remaining: int) -> JsonObject:
    named: list[Json] = list(certificate.indexes)
    return {"certified": named, "lines": lines, "remaining": remaining}


def _parts(lines: list[int]) -> Iterable[list[int]]:
    """Yield the lines in parts that fit into an entry; an empty list is one part too."""
    for start in range(0, max(len(lines), 1), LINES_OF_ONE_ENTRY):
        yield lines[start : start + LINES_OF_ONE_ENTRY]


def _mark(file: FileEntry) -> tuple[bytes, int]:
    return file.raw, file.size
