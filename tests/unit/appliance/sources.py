"""Sources of bytes for parsers under test."""


class BytesSource:
    """A hostile file in memory; counts what was asked of it."""

    def __init__(self, content):
        self.content = content
        self.reads = 0

    @property
    def size(self):
        return len(self.content)

    def read(self, offset, length):
        self.reads += 1
        return bytes(self.content[offset : offset + length])
