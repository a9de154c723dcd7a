"""An open block device or image file: bounded reads, and the system's errors made ours."""

import errno
import os
import stat
from pathlib import Path

from evidence.errors import DeviceError, UnpluggedError, UnreadableError

GONE = {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESTALE, errno.ENOTCONN}
REFUSED = {errno.EACCES: "device_forbidden", errno.EPERM: "device_forbidden",
           errno.EBUSY: "device_busy"}  # fmt: skip
BLOCKS = Path("/sys/dev/block")


class Device:
    """A device held open for reading only; the ``Source`` that a fenced parser asks.

    Every method raises only ``DeviceError``.  A block device is opened with O_EXCL: a disk that
    is mounted would change under us, and its kernel driver may hold what is not written yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.where = str(path)
        try:
            self.is_block = stat.S_ISBLK(path.stat().st_mode)
            exclusive = os.O_EXCL if self.is_block else 0
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | exclusive)
        except OSError as error:
            raise open_error(error, self.where) from error
        self.size = os.lseek(self._fd, 0, os.SEEK_END)
        self._number = os.fstat(self._fd).st_rdev

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes at ``offset``; fewer only at the end of the device."""
        content = bytearray(max(0, min(length, self.size - offset)))
        self.read_into(memoryview(content), offset)
        return bytes(content)

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Fill ``buffer`` from ``offset`` on; return how many bytes, fewer only at the end."""
        length = max(0, min(len(buffer), self.size - offset))
        filled = 0
        while filled < length:  # each round reads at least one byte or raises
            filled += self._read_once(buffer[filled:length], offset + filled)
        return filled

    def _read_once(self, view: memoryview, offset: int) -> int:
        """Read once.  Nothing where the device had something when it was opened: it is gone."""
        try:
            count = os.preadv(self._fd, [view], offset)
        except OSError as error:
            raise self.error(error, at=offset) from error
        if not count:
            raise UnpluggedError("device_shrank", where=self.where, at=offset, size=self.size)
        return count

    def error(self, error: OSError, *, at: int) -> DeviceError:
        """Return what an error of the system means: EIO is one bad place, or the cable."""
        if error.errno in GONE or self.gone():
            return UnpluggedError("unplugged", where=self.where)
        return UnreadableError("unreadable", where=self.where, at=at, error=name_of(error))

    def gone(self) -> bool:
        """Return whether the device behind the descriptor has left."""
        try:
            size = os.lseek(self._fd, 0, os.SEEK_END)
        except OSError:
            return True
        if not self.is_block:
            return False
        number = f"{os.major(self._number)}:{os.minor(self._number)}"
        return size == 0 or not (BLOCKS / number).exists()

    def forget_cache(self) -> None:
        """Let the next read come from the medium as far as an ordinary reader can ask for that."""
        try:
            os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)
        except OSError as error:
            raise self.error(error, at=0) from error

    def close(self) -> None:
        """Let go of the device.  Never raises; a second time does nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            try:
                os.close(fd)
            except OSError:  # it is gone; nothing was written through it
                return


def open_error(error: OSError, where: str) -> DeviceError:
    """Return what an error on opening means."""
    if error.errno in GONE:
        return UnpluggedError("unplugged", where=where)
    word = REFUSED.get(error.errno or 0, "device_unopened")
    return DeviceError(word, where=where, error=name_of(error))


def name_of(error: OSError) -> str:
    """Return the symbol of a system error, such as EIO."""
    return errno.errorcode.get(error.errno or 0, "unknown")
