"""Where the parts of one ledger lie (``docs/formats.md``, "The home")."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class LedgerPlaces:
    """The paths of a ledger.  ``lock`` may lie outside the home, on a medium of its own."""

    ledger: Path  # the public tree, exactly
    private: Path  # mode 0700; the ledger process only
    vkey: Path
    lock: Path

    @property
    def signing_key(self) -> Path:
        """Return the file with the Ed25519 seed."""
        return self.private / "signing.key"

    @property
    def station_secret(self) -> Path:
        """Return the file with the secret that makes recorder ids from serials."""
        return self.private / "station.secret"

    @property
    def keys(self) -> Path:
        """Return the key store."""
        return self.private / "keys.sqlite"

    @property
    def statements(self) -> Path:
        """Return the store of encrypted statements."""
        return self.private / "statements.sqlite"

    @property
    def index(self) -> Path:
        """Return the index subject -> last entry."""
        return self.private / "index.sqlite"

    @property
    def staging(self) -> Path:
        """Return the folder of the batch under way."""
        return self.private / "staging"

    @property
    def writer(self) -> Path:
        """Return the file that the one writer holds locked."""
        return self.private / "writer.lock"


def places_of(home: Path, lock: Path | None = None) -> LedgerPlaces:
    """Return the places of the ledger of ``home``; ``lock`` overrides the lock database."""
    private = home / "private"
    return LedgerPlaces(
        ledger=home / "ledger",
        private=private,
        vkey=home / "vkey",
        lock=lock or private / "lock.sqlite",
    )
