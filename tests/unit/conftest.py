"""The unit tier stays fast because it starts nothing: no program, no child, no copy of itself."""

import os
import subprocess
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def nothing_is_started() -> Iterator[None]:
    """Refuse a process: what needs one stands in ``tests/process``."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a unit test starts no process: move it to tests/process")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", refuse)
        patch.setattr(os, "fork", refuse)
        patch.setattr(os, "posix_spawn", refuse)
        yield
