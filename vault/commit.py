"""The order of durable steps by which a batch becomes part of the ledger (DESIGN 3.4).

keys and statements -> stage bundles and tiles -> compare-and-swap of the signed checkpoint ->
apply the staged tiles -> publish the checkpoint.  Only then is anybody told.  The names that were
given are synced behind that, and the staging, from which a start gives them again, is dropped.
"""

from dataclasses import dataclass

from evidence.merkle import Frontier
from evidence.note import Signer
from evidence.ports import Keys
from evidence.tiles import grow
from vault.batch import Batch
from vault.durable import Steps
from vault.founding import signed_head
from vault.lock import CheckpointLock, Head
from vault.reader import LedgerReader
from vault.staging import TreeWriter
from vault.statements import StatementStore

COMMIT_STEPS = (
    "ledger.keys",
    "ledger.statements",
    "ledger.stage",
    "ledger.lock",
    "ledger.directories",
    "ledger.apply",  # once for each tile
    "ledger.publish",
)
FINISHING_STEPS = ("ledger.apply_names", "ledger.drop")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch whose statements and tiles are durable; nothing of it is signed yet."""

    old: Head
    new: Head
    frontier: Frontier


@dataclass(frozen=True, slots=True)
class Committer:
    """Takes a batch through the steps.  What an error means depends on the half it comes from."""

    keys: Keys
    statements: StatementStore
    lock: CheckpointLock
    tree: TreeWriter
    reader: LedgerReader
    signer: Signer
    steps: Steps

    def prepare(self, batch: Batch, old: Head, frontier: Frontier) -> Prepared:
        """Make statements and staged tiles durable.

        After an error here nothing is signed: the batch is not there and never will be.
        """
        if batch.statements:
            self._keep_statements(batch)
        contents = list(grow(old.size, batch.leaves, batch.leaf_hashes, self.reader.tile))
        grown = Frontier(frontier.size, frontier.hashes)
        for leaf in batch.leaf_hashes:
            grown.append(leaf)
        new = signed_head(self.signer, grown.size, grown.root())
        self.tree.stage(new, contents)
        return Prepared(old, new, grown)

    def complete(self, prepared: Prepared) -> None:
        """Sign, apply, publish.

        After an error here it is not known whether the batch is signed: nothing may be written
        until a new start has looked into the lock and finished, or found nothing to finish.
        """
        old, new = prepared.old, prepared.new
        with self.steps("ledger.lock"):
            self.lock.compare_and_swap(old.size, old.root, new)
        self.tree.apply(new)
        self.tree.publish(new)

    def finish(self) -> None:
        """Make durable the names that ``complete`` gave, then drop the staging.

        The callers have been told: a start after a cut gives the names again.
        """
        self.tree.sync()
        self.tree.drop()

    def _keep_statements(self, batch: Batch) -> None:
        with self.steps("ledger.keys"):
            keys = self.keys.make([each.commitment.of for each in batch.statements])
        with self.steps("ledger.statements"):
            self.statements.put(batch.statements, keys)
