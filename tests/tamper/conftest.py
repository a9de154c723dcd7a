import shutil

import pytest

from tests.crash.ground import ram
from tests.tamper.homes import Home, build, later

__all__ = ["ram"]


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def home(built, tmp_path):
    """A copy of the home, for one manipulation."""
    path, older = built
    copy = tmp_path / "home"
    shutil.copytree(path, copy)
    return Home(copy, older, clock=later())
