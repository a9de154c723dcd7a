"""The vault in memory.  It polices: names are digests, what has a name never changes."""

import hashlib
import re
from dataclasses import dataclass, field

from evidence.errors import NoSpaceError, VaultUnavailableError

KEY = re.compile(r"[0-9a-f]{32,64}")
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass
class World:
    """One journal of durable steps and one fault, shared by all fakes of a test.

    ``applied``: the step takes effect and then reports failure.
    """

    step: str | None = None
    applied: bool = False
    error: type[Exception] = VaultUnavailableError
    journal: list[str] = field(default_factory=list)

    def run(self, step, effect):
        broken = step == self.step
        if not broken or self.applied:
            effect()
            self.journal.append(step)
        if broken:
            self.step = None
            raise self.error("planted", step=step)


class MemoryStaged:
    def __init__(self, name, objects):
        self.name = name
        self._objects = objects
        self._bytes = bytearray(objects.staging.get(name, b""))
        self.synced = True

    @property
    def length(self):
        return len(self._bytes)

    def append(self, chunk):
        assert chunk, "an empty write is a mistake of the caller"
        self._bytes += chunk
        self.synced = False

    def truncate(self, length):
        assert length <= len(self._bytes)
        del self._bytes[length:]
        self.synced = False

    def sync(self):
        self._objects.world.run("staging.sync", self._sync)

    def _sync(self):
        self._objects.staging[self.name] = bytes(self._bytes)
        self.synced = True

    def read(self, offset, length):
        return bytes(self._bytes[offset : offset + length])

    def read_back(self):
        assert self.synced, "only synced bytes can be read back from the medium"
        self._objects.world.journal.append("staging.read_back")
        content = self._objects.garble(self._objects.staging[self.name])
        for at in range(0, len(content), 1000):
            yield memoryview(content)[at : at + 1000]

    def discard(self):
        self._objects.world.run("staging.discard", self._discard)

    def _discard(self):
        self._objects.staging.pop(self.name, None)
        self._objects.open.discard(self.name)

    def close(self):
        self._objects.open.discard(self.name)


class MemoryObjects:
    def __init__(self, world=None):
        self.world = world or World()
        self.staging = {}
        self.objects = {}
        self.loose = {}  # digest: why it is not kept as it should be
        self.open = set()
        self.free = None
        self.garble = lambda content: content

    def stage(self, key, *, expected_size):
        assert KEY.fullmatch(key), "a staging key is ours, never a name of the recorder"
        if self.free is not None and expected_size > self.free:
            raise NoSpaceError("no_space_left", needed=expected_size, free=self.free)
        name = key
        while name in self.open:
            name += "x"
        self.open.add(name)
        return MemoryStaged(name, self)

    def place(self, staged, sha256):
        assert DIGEST.fullmatch(sha256)
        content = self.staging[staged.name]
        assert staged.synced
        assert "staging.read_back" in self.world.journal, "placed before it was read back"
        is_new = sha256 not in self.objects
        self.world.run("objects.place", lambda: self.objects.setdefault(sha256, content))
        staged.discard()
        return is_new

    def put(self, content):
        sha256 = hashlib.sha256(content).hexdigest()
        self.world.run("objects.put", lambda: self.objects.setdefault(sha256, content))
        return sha256

    def size(self, sha256):
        content = self.objects.get(sha256)
        return None if content is None else len(content)

    def read(self, sha256, offset=0, length=None):
        if sha256 not in self.objects:
            raise VaultUnavailableError("object_missing", sha256=sha256)
        end = None if length is None else offset + length
        yield self.objects[sha256][offset:end]

    def read_back(self, sha256):
        for chunk in self.read(sha256):
            yield memoryview(self.garble(chunk))

    def names(self):
        yield from sorted(self.objects)

    def unguarded(self, sha256):
        return self.loose.get(sha256)
