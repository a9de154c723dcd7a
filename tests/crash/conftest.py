"""Fixtures of the crash tests."""

from tests.crash.ground import ram

__all__ = ["ram"]
