"""Where everything of one station lies: the home (``docs/formats.md``).

Two homes on one machine do not know each other; nothing here is remembered outside the home.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOME_MODE = 0o750  # footage and names are for the appliance's own group, and for nobody else


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one home.  Making it says nothing about what exists there."""

    path: Path

    @property
    def vkey(self) -> Path:
        """Return the file with the verifier key of the ledger."""
        return self.path / "vkey"

    @property
    def ledger(self) -> Path:
        """Return the public tree, exactly as it may be published."""
        return self.path / "ledger"

    @property
    def private(self) -> Path:
        """Return the folder that only the ledger process enters."""
        return self.path / "private"

    @property
    def lock(self) -> Path:
        """Return where the lock database lies unless the configuration moves it."""
        return self.private / "lock.sqlite"

    @property
    def vault(self) -> Path:
        """Return the folder of the objects and of their staging."""
        return self.path / "vault"

    @property
    def catalogue(self) -> Path:
        """Return the catalogue's database file."""
        return self.path / "catalogue.sqlite"

    @property
    def run(self) -> Path:
        """Return the folder of what lives only as long as its processes."""
        return self.path / "run"

    @property
    def socket(self) -> Path:
        """Return the socket of the ledger process."""
        return self.run / "ledger.sock"

    @property
    def slots(self) -> Path:
        """Return the folder of the slots' live state: never evidence."""
        return self.run / "slots"

    @property
    def alarms(self) -> Path:
        """Return the folder of what was told of alarms: never evidence; lost, it is told again."""
        return self.path / "alarms"

    @property
    def meter(self) -> Path:
        """Return the folder that counts what leaves; survives a crash, so not below ``run``."""
        return self.path / "meter"

    @property
    def accounts(self) -> Path:
        """Return who may sign in: passwords, sessions; not to be made again from the ledger."""
        return self.path / "accounts.sqlite"

    @property
    def tls(self) -> Path:
        """Return the folder of certificates and their keys, for browsers to trust."""
        return self.path / "tls"

    @property
    def log(self) -> Path:
        """Return the file that takes the details of our own faults."""
        return self.path / "dockseal.log"

    @property
    def configuration(self) -> Path:
        """Return where this home's own configuration would lie."""
        return self.path / "appliance.toml"

    @property
    def exists(self) -> bool:
        """Tell whether a ledger has been started here."""
        return self.vkey.exists()


def data_folder(environment: Mapping[str, str]) -> Path:
    """Return the home of somebody who named none: the user's data folder (XDG base directory)."""
    base = environment.get("XDG_DATA_HOME", "")
    if not base.startswith("/"):  # the specification: relative paths are invalid and ignored
        base = str(Path(environment.get("HOME") or Path.home()) / ".local" / "share")
    return Path(base) / "dockseal"


def choose_home(asked: str | None, configured: str, environment: Mapping[str, str]) -> Home:
    """Return the home: of --home, else DOCKSEAL_HOME, else the configuration, else the user."""
    for wish in (asked, environment.get("DOCKSEAL_HOME"), configured):
        if wish:
            return Home(Path(wish).expanduser().absolute())
    return Home(data_folder(environment))
