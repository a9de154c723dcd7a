"""A fault that somebody could make in our own code, and who finds it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: ``old`` stands exactly once in ``file``; with ``new`` in its place, a test fails.

    ``sentence`` says what is wrong then, ``because`` what it would cost.
    """

    sentence: str
    file: str
    old: str
    new: str
    found_by: tuple[str, ...]  # node ids of pytest; all pass without the fault
    because: str

    def planted(self, text: str) -> str:
        """Return ``text`` with the fault in it; the row must still fit what it is planted in."""
        count = text.count(self.old)
        if count != 1:
            raise AssertionError(
                f"{self.file} has changed: what the fault {self.sentence!r} replaces stands there "
                f"{count} times; write the row anew, so that the fault is still planted"
            )
        return text.replace(self.old, self.new)


def named_tests(faults: Iterable[Fault]) -> list[str]:
    """Return every test that finds one of them, each once."""
    return sorted({test for fault in faults for test in fault.found_by})
