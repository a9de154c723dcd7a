"""What stays free for ledger and statements stays free, to the byte."""

import os
from types import SimpleNamespace

import pytest

from evidence.errors import NoSpaceError
from vault.objects import DEFAULT_RESERVE_BYTES, LocalObjects
from vault.staged import ASK_BYTES

KEY = "ab" * 16
RESERVE, BLOCK = 1024**2, 512


@pytest.fixture
def objects(tmp_path, monkeypatch):
    """A vault on a disk with room for its reserve and ten blocks more."""
    made = LocalObjects(tmp_path, reserve_bytes=RESERVE)
    room = SimpleNamespace(f_bavail=RESERVE // BLOCK + 10, f_bfree=1 << 40, f_frsize=BLOCK)
    monkeypatch.setattr(os, "statvfs", lambda _path: room)
    return made


def test_a_file_that_fits_beside_the_reserve_is_staged(objects):
    objects.stage(KEY, expected_size=10 * BLOCK).close()


def test_a_file_that_would_take_one_byte_of_the_reserve_is_refused(objects):
    with pytest.raises(NoSpaceError, match="no_space_left") as told:
        objects.stage(KEY, expected_size=10 * BLOCK + 1)
    assert told.value.facts == {"needed": 10 * BLOCK + 1, "free": RESERVE + 10 * BLOCK}


def test_a_file_stops_where_others_have_taken_the_room_that_it_had_found(objects, monkeypatch):
    staged = objects.stage(KEY, expected_size=10 * BLOCK)
    full = SimpleNamespace(f_bavail=RESERVE // BLOCK - 1, f_frsize=BLOCK)
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    with pytest.raises(NoSpaceError, match="no_space_left"):
        staged.append(bytes(ASK_BYTES))
    assert staged.length < ASK_BYTES
    staged.close()


def test_the_reserve_is_a_gibibyte_unless_somebody_says_other():
    assert DEFAULT_RESERVE_BYTES == 1024**3
