"""The last step of a docking: the recorder may forget what the certificate names."""

from evidence.entry import Draft
from evidence.errors import EraseError
from evidence.json import JsonObject
from evidence.ports import Recorder
from evidence.states import Certificate, Inventory
from ingest.certify import certify
from ingest.outcome import Progress
from ingest.tools import ACTOR, Tools


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
    tools.observer.docking("erasing")
    try:
        recorder.erase(certificate)
    except EraseError as error:
        if error.word != "erase_unsupported":
            raise
        # This machine cannot write to that medium: nothing was touched, the certificate stands,
        # the recorder may be reused, and the next docking will see the same files again.
        progress.because = error.word
        return
    lines = [each.stored.received.listed.line for each in certificate.sealed]
    body: JsonObject = {
        "certified": list(certificate.indexes),
        "lines": lines,
        "remaining": len(recorder.listing().files),
    }
    about = (inventory.docking, inventory.recorder) if inventory.recorder else (inventory.docking,)
    tools.ledger.append([Draft("docking.erased", ACTOR, about, body)])
    progress.recorder = "erased"
