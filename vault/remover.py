"""Takes objects out of the local vault, under tombstones.  Only the keeper makes one (DESIGN 8).

Bytes are not overwritten: on flash that would write them elsewhere and leave the old cells as they
are.  What makes bytes on a stolen disk unreadable is the encryption of the disk (docs/keeping.md).
"""

import os
from pathlib import Path

from evidence.disposal import Removed, Tombstone
from evidence.ids import check_digest
from vault.durable import Steps, mapped, sync_directory, unbroken

STEPS = ("remover.unstage", "remover.unlink", "remover.sync")


class LocalRemover:
    """Implements ``evidence.disposal.Remover`` over the directory of ``LocalObjects``."""

    home = "local"

    def __init__(self, root: Path, steps: Steps = unbroken) -> None:
        self._objects, self._staging = root / "objects", root / "staging"
        self._steps = steps

    def remove(self, tombstone: Tombstone) -> Removed:
        """See ``evidence.disposal.Remover``."""
        sha256 = check_digest(tombstone.sha256)
        path = self._objects / sha256[:2] / sha256
        with mapped(path):
            if not path.parent.exists():
                return "absent"
            try:
                there = path.lstat()
            except FileNotFoundError:
                there = None
            if there is not None:
                with self._steps("remover.unstage"):
                    self._unstage(there)
                with self._steps("remover.unlink"):
                    path.unlink()
        # Also where nothing was there: whoever took it away may have been cut before this.
        with self._steps("remover.sync"):
            sync_directory(path.parent)
        return "removed" if there else "absent"

    def _unstage(self, there: os.stat_result) -> None:
        """Remove every name in the staging that leads to the same bytes: a cut left it beside.

        Dockings and other removals come and go there meanwhile.
        """
        found = [path for path in self._staging.iterdir() if _leads_to(path, there)]
        for path in found:
            path.unlink(missing_ok=True)
        if found:
            sync_directory(self._staging)


def _leads_to(path: Path, there: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.lstat(), there)
    except FileNotFoundError:  # it was somebody's on its way in
        return False
