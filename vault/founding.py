"""The first steps of a ledger: its secrets, its stores, its lock, its verifier key.

Safe to begin again after a cut at any step; refused as soon as the ledger exists, and wherever a
tree lies without its lock.
"""

from dataclasses import dataclass

from evidence.checkpoint import Checkpoint, encode
from evidence.errors import LedgerForkError, UsageError, VaultUnavailableError
from evidence.ids import check_station
from evidence.merkle import EMPTY_ROOT
from evidence.note import Signer, sign_note
from vault.durable import Steps, make_directory, read_limited, write_whole
from vault.keys import FileKeys, load_signer, make_signing_key, make_station_secret
from vault.lock import CheckpointLock, Head
from vault.places import LedgerPlaces
from vault.reader import CHECKPOINT
from vault.statements import StatementStore

FOUNDING_STEPS = ("found.private", "found.secrets", "found.stores", "found.lock", "found.vkey")
_PRIVATE_MODE = 0o700
_VKEY_LIMIT_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Founding:
    """Whose ledger it is: ``<organisation>/dock/<station>/<epoch>``, station, our version."""

    origin: str
    station: str
    software: str

    def __post_init__(self) -> None:
        check_station(self.station)


def prepare_private(places: LedgerPlaces) -> None:
    """Make the folder that only the ledger process enters, for the writer's lock and the keys."""
    make_directory(places.private, _PRIVATE_MODE)


def found(places: LedgerPlaces, founding: Founding, steps: Steps) -> None:
    """Make everything a ledger needs to be opened.  The caller holds the writer's lock."""
    refuse_existing(places)
    with steps("found.secrets"):
        make_station_secret(places.station_secret)
        if not places.signing_key.exists():  # ``dockseal key new`` may have been before us
            make_signing_key(places.signing_key)
    with steps("found.stores"):
        FileKeys.create(places.keys)
        StatementStore.create(places.statements)
        make_directory(places.staging, _PRIVATE_MODE)
        make_directory(places.ledger)
    signer = load_signer(places.signing_key, founding.origin)
    if not places.lock.exists():  # else: cut after this step; opening verifies whose lock it is
        with steps("found.lock"):
            CheckpointLock.create(places.lock, signed_head(signer, 0, EMPTY_ROOT))
    # Last, because it says that there is a ledger here.
    with steps("found.vkey"):
        write_whole(places.vkey, f"{signer.verifier.text}\n".encode())


def signed_head(signer: Signer, size: int, root: bytes) -> Head:
    """Return a checkpoint of this size and root, signed."""
    text = encode(Checkpoint(signer.verifier.name, size, root))
    return Head(size, root, sign_note(text, signer))


def refuse_existing(places: LedgerPlaces) -> None:
    """Refuse to found where a ledger is, or was."""
    if places.vkey.exists():
        raise UsageError("ledger_exists", path=str(places.vkey.parent))
    published = (places.ledger / CHECKPOINT).exists() or (places.ledger / "tile").exists()
    if published and not places.lock.exists():
        raise LedgerForkError("ledger_lock_missing", path=str(places.lock))
    if published:
        raise LedgerForkError("ledger_vkey_missing", path=str(places.vkey))


def refuse_missing(places: LedgerPlaces) -> None:
    """Refuse to open where no ledger was founded."""
    if not places.vkey.exists():
        raise UsageError("ledger_missing", path=str(places.vkey.parent))


def check_vkey(places: LedgerPlaces, signer: Signer) -> None:
    """Hold that the key we would sign with is the one that others verify with."""
    published = read_limited(places.vkey, _VKEY_LIMIT_BYTES) or b""
    origin = published.decode(errors="replace").partition("+")[0]
    if origin != signer.verifier.name:
        raise UsageError("origin_differs", configured=signer.verifier.name, ledger=origin)
    if published != f"{signer.verifier.text}\n".encode():
        raise VaultUnavailableError("vkey_differs", path=str(places.vkey))
