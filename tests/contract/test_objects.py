"""The port ``Objects``: one suite over the fake and the local vault."""

import hashlib
import os
from collections import deque

import pytest

from evidence.digest import BUFFERS
from evidence.errors import NoSpaceError
from tests.fakes.objects import MemoryObjects
from vault.objects import LocalObjects
from vault.staged import BLOCK_BYTES

KEY = "ab" * 16
SIZES = [0, 1, 4095, 4096, 4097, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 9_000_001]


@pytest.fixture(params=["memory", "local"])
def objects(request, tmp_path):
    if request.param == "memory":
        return MemoryObjects()
    return LocalObjects(tmp_path / "vault", reserve_bytes=0)


def content_of(size):
    return hashlib.shake_128(str(size).encode()).digest(size)


def sha(content):
    return hashlib.sha256(content).hexdigest()


def stage(objects, content, *, key=KEY, chunk=1_000_000):
    staged = objects.stage(key, expected_size=len(content))
    staged.truncate(0)
    for at in range(0, len(content), chunk):
        staged.append(content[at : at + chunk])
    staged.sync()
    return staged


def keep(objects, content, **options):
    staged = stage(objects, content, **options)
    assert b"".join(bytes(view) for view in staged.read_back()) == content
    new = objects.place(staged, sha(content))
    staged.close()
    return new


@pytest.mark.parametrize("size", SIZES)
def test_what_is_placed_is_given_back_whole_and_in_parts(objects, size):
    content = content_of(size)
    assert keep(objects, content)
    name = sha(content)
    assert objects.size(name) == size
    assert b"".join(objects.read(name)) == content
    assert b"".join(bytes(view) for view in objects.read_back(name)) == content
    assert b"".join(objects.read(name, size // 3, 1000)) == content[size // 3 : size // 3 + 1000]
    assert list(objects.names()) == [name]


def test_a_view_is_as_it_was_while_the_next_ones_come(objects):
    content = content_of(SIZES[-1])
    assert len(content) > BUFFERS * BLOCK_BYTES
    keep(objects, content)
    at, newest = 0, deque(maxlen=BUFFERS)
    for view in objects.read_back(sha(content)):
        newest.append((at, view))
        at += len(view)
        begin, oldest = newest[0]
        assert oldest == content[begin : begin + len(oldest)]


def test_the_same_bytes_are_placed_once(objects):
    assert keep(objects, b"once")
    assert not keep(objects, b"once", key="cd" * 16)
    assert list(objects.names()) == [sha(b"once")]


def test_a_staged_file_survives_its_process_and_is_found_by_its_key(objects):
    content = content_of(3 * 4096)
    stage(objects, content).close()
    again = objects.stage(KEY, expected_size=0)
    assert again.length == len(content)
    assert again.read(0, len(content)) == content
    again.append(b"more")
    again.sync()
    assert b"".join(bytes(view) for view in again.read_back()) == content + b"more"


def test_a_staged_file_can_be_cut_anywhere_and_continued(objects):
    content = content_of(100_000)
    staged = stage(objects, content)
    staged.truncate(50_001)
    staged.append(content[50_001:])
    staged.sync()
    assert b"".join(bytes(view) for view in staged.read_back()) == content


def test_two_at_work_on_the_same_key_get_two_files(objects):
    one, two = (objects.stage(KEY, expected_size=1) for _ in range(2))
    assert one.name != two.name


def test_what_one_of_two_was_cut_over_is_gone_when_the_file_comes_again(objects):
    one, two = (objects.stage(KEY, expected_size=1) for _ in range(2))
    two.append(b"cut")
    for staged in (one, two):
        staged.close()
    again = objects.stage(KEY, expected_size=1)
    assert again.name == one.name
    other = objects.stage(KEY, expected_size=1)
    assert (other.name, other.length) == (two.name, 0)


def test_what_another_slot_works_on_is_left_to_it(objects):
    one, two = (objects.stage(KEY, expected_size=1) for _ in range(2))
    two.append(b"going on")
    one.close()
    objects.stage(KEY, expected_size=1).close()
    two.sync()
    assert b"".join(bytes(view) for view in two.read_back()) == b"going on"


def test_a_roll_is_put_and_named_by_its_digest(objects):
    assert objects.put(b"line\n") == sha(b"line\n")
    assert objects.put(b"line\n") == sha(b"line\n")
    assert b"".join(objects.read(sha(b"line\n"))) == b"line\n"


def test_what_nobody_placed_is_not_there(objects):
    assert objects.size("0" * 64) is None


def test_the_reserve_is_never_touched(tmp_path):
    room = os.statvfs(tmp_path)
    objects = LocalObjects(tmp_path / "vault", reserve_bytes=room.f_blocks * room.f_frsize)
    with pytest.raises(NoSpaceError):
        objects.stage(KEY, expected_size=1)


def test_what_was_placed_is_kept_as_it_should_be(objects):
    assert keep(objects, b"bytes")
    assert objects.unguarded(sha(b"bytes")) is None
    assert objects.unguarded(sha(b"others")) is None, "what is not there is told by its size"


def _elsewhere(path):
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def _elsewhere_with_its_folder(path):
    path.parent.rename(path.parents[2] / "moved")
    path.parent.symlink_to(path.parents[2] / "moved")


def _no_file(path):
    path.unlink()
    os.mkfifo(path)


LOOSENED = {
    "elsewhere": (_elsewhere, _elsewhere_with_its_folder),
    "no_file": (_no_file, lambda path: (path.unlink(), path.mkdir())),
    "writable": (lambda path: path.chmod(0o644), lambda path: path.chmod(0o446)),
    "shared": (lambda path: path.with_suffix(".shared").hardlink_to(path),),
}


@pytest.mark.parametrize(
    ("because", "loosen"), [(each, how) for each, hows in LOOSENED.items() for how in hows]
)
def test_an_object_that_is_not_kept_as_it_was_placed_is_told(tmp_path, because, loosen):
    objects = LocalObjects(tmp_path / "vault", reserve_bytes=0)
    keep(objects, b"bytes")
    name = sha(b"bytes")
    loosen(tmp_path / "vault" / "objects" / name[:2] / name)
    assert objects.unguarded(name) == because


def test_the_staged_name_that_a_cut_leaves_beside_an_object_is_ours(tmp_path):
    objects = LocalObjects(tmp_path / "vault", reserve_bytes=0)
    keep(objects, b"bytes")
    placed = tmp_path / "vault" / "objects" / sha(b"bytes")[:2] / sha(b"bytes")
    (tmp_path / "vault" / "staging" / KEY).hardlink_to(placed)
    assert objects.unguarded(sha(b"bytes")) is None
    (tmp_path / "elsewhere").hardlink_to(placed)
    assert objects.unguarded(sha(b"bytes")) == "shared"
