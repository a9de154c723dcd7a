"""The folder in memory that ``tests/crash`` works in is good for faults too."""

from tests.crash.ground import ram

__all__ = ["ram"]
