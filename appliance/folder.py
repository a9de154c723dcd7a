"""A folder that a package is written to, and one that is read: paths are ours, and stay inside.

What is not finished lies in ``INCOMPLETE-…`` below the folder: it is removed when writing fails,
and says by its name what it is where the process was killed.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from evidence.errors import UsageError, VaultUnavailableError
from vault.durable import make_directory, mapped, open_regular, sync_directory, sync_file

INCOMPLETE = "INCOMPLETE-not-a-copy"
CHUNK_BYTES = 4 << 20
NAMES_LIMIT = 10_000  # files of one package
_FOLDER_MODE = 0o750
_FILE_MODE = 0o640


class NewFolder:
    """A folder that becomes a package when ``finish`` returns, and nothing before."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that is empty or not there.  Raises ``UsageError`` for any other."""
        self._folder = folder
        self._made = not folder.exists()
        self._open = False
        with mapped(folder):
            if not self._made and (not folder.is_dir() or any(folder.iterdir())):
                raise UsageError("copy_target_not_empty", path=str(folder))
        self.path = folder / INCOMPLETE

    def __enter__(self) -> Self:
        make_directory(self.path, _FOLDER_MODE)
        self._open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove what was not finished, whatever the reason; its name stays true if that fails."""
        if self._open:
            shutil.rmtree(self.path, ignore_errors=True)
            if self._made:
                with suppress(OSError):
                    self._folder.rmdir()

    def create(self, name: str) -> "NewFile":
        """Begin a file; its folder is made where it is missing."""
        path = self.path / name
        if not path.parent.is_dir():
            make_directory(path.parent, _FOLDER_MODE)
        return NewFile(path)

    def write(self, name: str, data: bytes) -> None:
        """Write a small file whole."""
        with self.create(name) as file:
            file.write(data)

    def finish(self) -> None:
        """Give everything its name; durable when it returns."""
        with mapped(self._folder):
            for folder, _, _ in os.walk(self.path, topdown=False):
                sync_directory(Path(folder))
            for path in sorted(self.path.iterdir()):
                path.rename(self._folder / path.name)
            self.path.rmdir()
        sync_directory(self._folder)
        self._open = False


class NewFile:
    """A file that is written once, in order, and is on the medium when its context ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        with mapped(self._path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            self._file = os.fdopen(os.open(self._path, flags, _FILE_MODE), "wb", buffering=0)
        return self

    def write(self, data: bytes) -> None:
        """Write all of ``data``.  Raises ``NoSpaceError`` and ``VaultUnavailableError``."""
        left = memoryview(data)
        with mapped(self._path):
            while left:  # at least one byte each round, or an error
                left = left[self._opened.write(left) :]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                sync_file(self._opened.fileno(), self._path)
        finally:
            self._opened.close()

    @property
    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise VaultUnavailableError("not_a_file", path=str(self._path))
        return self._file


class PackageFolder:
    """Implements ``custody.packages.PackageFiles`` over a folder.  Follows no link."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str, limit_bytes: int) -> bytes:
        """See ``PackageFiles``."""
        with self._opened(path) as file, mapped(self._folder / path):
            data = file.read(limit_bytes + 1)
        if len(data) > limit_bytes:
            raise VaultUnavailableError("file_too_large", path=path, limit=limit_bytes)
        return data

    def chunks(self, path: str) -> Iterator[bytes]:
        """See ``PackageFiles``."""
        with self._opened(path) as file, mapped(self._folder / path):
            while chunk := file.read(CHUNK_BYTES):  # ends with the file
                yield chunk

    def names(self) -> Iterator[str]:
        """See ``PackageFiles``: every file, also one in a folder of a stranger's."""
        count = 0
        with mapped(self._folder):
            for folder, directories, files in os.walk(self._folder):
                directories.sort()
                for name in sorted(files):
                    count += 1
                    if count > NAMES_LIMIT:
                        raise VaultUnavailableError("too_many_files", path=str(self._folder))
                    yield (Path(folder) / name).relative_to(self._folder).as_posix()

    def _opened(self, path: str) -> BinaryIO:
        whole = self._folder / path
        with mapped(whole):
            descriptor = open_regular(whole, os.O_NOFOLLOW)
        if descriptor is None:
            raise VaultUnavailableError("not_a_file", path=path)
        return os.fdopen(descriptor, "rb", buffering=0)
