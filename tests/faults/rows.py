"""The table of durable steps: each is a primitive, and the function of ours that asks for it.

A step that happens and does not stand here fails a test, and so does one that stands here and never
happens.  The order is the order of a life: founding, a batch, a docking, an erase, the catalogue.
"""

FOUNDING = (
    "mkdir for vault.founding.prepare_private",
    "fsync for vault.founding.prepare_private",
    "write for vault.keys._write_secret",
    "fsync for vault.keys._write_secret",
    "link for vault.keys._write_secret",
    "unlink for vault.keys._write_secret",
    "PRAGMA journal_mode for vault.keys.FileKeys.create",
    "script for vault.keys.FileKeys.create",
    "fsync for vault.keys.FileKeys.create",
    "PRAGMA journal_mode for vault.statements.StatementStore.create",
    "script for vault.statements.StatementStore.create",
    "fsync for vault.statements.StatementStore.create",
    "mkdir for vault.founding.found",
    "fsync for vault.founding.found",
    "unlink for vault.lock.CheckpointLock.create",
    "script for vault.lock._fill",
    "COMMIT for vault.lock._fill",
    "fsync for vault.lock.CheckpointLock.create",
    "link for vault.lock._name",
    "unlink for vault.lock._name",
    "fsync for vault.lock._name",
    "write for vault.founding.found",
    "rename for vault.founding.found",
    "unlink for vault.founding.found",
)
START = (
    "PRAGMA journal_mode for vault.keys.FileKeys.__init__",
    "PRAGMA journal_mode for vault.statements.StatementStore.__init__",
    "PRAGMA journal_mode for vault.lock.CheckpointLock.__init__",
    "PRAGMA journal_mode for vault.subjects.SubjectIndex._open_as_it_is",
    "script for vault.subjects.SubjectIndex._open_as_it_is",
    "fsync for vault.subjects.SubjectIndex._open_as_it_is",
)
BATCH = (
    "COMMIT for vault.keys.FileKeys.make",
    "COMMIT for vault.statements.StatementStore.put",
    "write for vault.staging.TreeWriter.stage",
    "fsync for vault.staging.TreeWriter.stage",
    "COMMIT for vault.lock.CheckpointLock.compare_and_swap",
    "mkdir for vault.staging.TreeWriter._make_directories",
    "link for vault.staging.TreeWriter.apply",
    "write for vault.staging.TreeWriter.publish",
    "fsync for vault.staging.TreeWriter.publish",
    "rename for vault.staging.TreeWriter.publish",
    "fsync for vault.staging.TreeWriter.sync",
    "unlink for vault.staging.TreeWriter.drop",
    "COMMIT for vault.subjects.SubjectIndex.apply",
)
# Only in a batch that fills a tile, or after one that was cut.
FULL_TILE = (
    "unlink for vault.staging.TreeWriter._remove_partials",
    "rmdir for vault.staging.TreeWriter._remove_partials",
)
DOCKING = (
    "mkdir for vault.objects.LocalObjects._make_durable",
    "fsync for vault.objects.LocalObjects._make_durable",
    "ftruncate for vault.staged.StagedFile.__init__",
    "pwrite for vault.staged.StagedFile._write_once",
    "ftruncate for vault.staged.StagedFile.truncate",
    "fsync for vault.staged.StagedFile.sync",
    "fsync for vault.objects.LocalObjects.place",
    "fchmod for vault.objects.LocalObjects._protect",
    "fsync for vault.objects.LocalObjects._protect",
    "link for vault.objects._link",
    "unlink for vault.staged.StagedFile.discard",
    "fsync for vault.staged.StagedFile.discard",
)
ERASE = (
    "unlink for drivers.folder.FolderRecorder.remove",
    "fsync for drivers.folder.FolderRecorder.remove",
)
CATALOGUE = (
    "COMMIT for vault.catalogue._opened",
    "COMMIT for vault.catalogue.SqlCatalogue.apply",
    "unlink for vault.catalogue._remove_database",
    "COMMIT for vault.catalogue._load",
    "COMMIT for vault.catalogue._fill",
    "fsync for vault.catalogue._load",
    "fsync for vault.catalogue._replace",
    "rename for vault.catalogue._replace",
)
ROWS = (*FOUNDING, *START, *BATCH, *FULL_TILE, *DOCKING, *ERASE, *CATALOGUE)

# How a medium that no folder driver serves forgets; each with the tools that it needs.
MTOOLS = ("mdel for drivers.ways.Mtools.remove", "fsync for drivers.ways.sync")
MOUNTED = (
    "losetup for drivers.ways._block_device",
    "mkdir for drivers.mounts.make_mount_point",
    "mount.exfat-fuse for drivers.ways._mounted",
    "unlink for drivers.ways._remove_mounted",
    "fsync for drivers.ways._remove_mounted",
    "umount for drivers.ways._mounted",
    "rmdir for drivers.ways._mounted",
    "fsync for drivers.ways.sync",
)
