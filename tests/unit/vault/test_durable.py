"""Bytes reach the disk whole, once, and are never promised before they are there."""

import errno
import os
from pathlib import Path

import pytest

from evidence.errors import (
    FsyncFailedError,
    NoSpaceError,
    ObjectConflictError,
    VaultUnavailableError,
)
from vault import durable
from vault.durable import (
    make_directory,
    name_new,
    partial_files,
    place_new,
    read_limited,
    sync_directory,
    write_fresh,
    write_new,
    write_whole,
)


@pytest.fixture
def calls(monkeypatch):
    """The system calls that matter, in order, with the names they were about."""
    journal = []
    names = {}

    def opened(path, *args, **kwargs):
        descriptor = real_open(path, *args, **kwargs)
        names[descriptor] = path
        return descriptor

    def synced(descriptor):
        directory = Path(names[descriptor]).is_dir()
        journal.append("fsync directory" if directory else "fsync file")
        real_sync(descriptor)

    def linked(source, target):
        journal.append("link")
        real_link(source, target)

    real_open, real_sync, real_link = os.open, os.fsync, os.link
    monkeypatch.setattr(durable.os, "open", opened)
    monkeypatch.setattr(durable.os, "fsync", synced)
    monkeypatch.setattr(durable.os, "link", linked)
    return journal


def names_in(directory):
    return sorted(path.name for path in directory.iterdir())


def fail(monkeypatch, name, number):
    def failing(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(durable.os, name, failing)


def test_the_file_is_synced_before_it_has_its_name_and_the_name_after(tmp_path, calls):
    write_new(tmp_path / "a", b"bytes")
    assert calls == ["fsync file", "link", "fsync directory"]


def test_a_replaced_file_is_seen_whole_and_leaves_nothing_beside_it(tmp_path, calls):
    write_whole(tmp_path / "a", b"old")
    write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert names_in(tmp_path) == ["a"]
    assert calls == ["fsync file", "fsync directory"] * 2


def test_of_several_files_none_has_its_name_before_all_are_synced(tmp_path, calls):
    files = [(tmp_path / name, name.encode()) for name in "abc"]
    with partial_files(files, None) as partials:
        for partial, (path, _) in zip(partials, files, strict=True):
            assert name_new(partial, path)
    assert calls == ["fsync file"] * 3 + ["link"] * 3
    assert names_in(tmp_path) == ["a", "b", "c"]


def test_files_that_nobody_reads_yet_are_synced_and_then_their_directory(tmp_path, calls):
    write_fresh([(tmp_path / name, name.encode()) for name in "ab"])
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"a", b"b"]
    assert calls == ["fsync file"] * 2 + ["fsync directory"]


def test_a_fresh_file_never_takes_the_place_of_another(tmp_path):
    (tmp_path / "a").write_bytes(b"of somebody")
    with pytest.raises(VaultUnavailableError, match="vault_io"):
        write_fresh([(tmp_path / "a", b"bytes")])
    assert (tmp_path / "a").read_bytes() == b"of somebody"


def test_a_new_name_is_taken_once(tmp_path):
    assert write_new(tmp_path / "a", b"bytes")
    assert not write_new(tmp_path / "a", b"bytes")
    assert names_in(tmp_path) == ["a"]


def test_the_name_of_equal_bytes_is_synced_again(tmp_path, calls):
    (tmp_path / "a").write_bytes(b"bytes")
    calls.clear()
    write_new(tmp_path / "a", b"bytes")
    assert calls[-1] == "fsync directory"


@pytest.mark.parametrize("there", [b"", b"byte", b"bytez", b"bytes and more"])
def test_other_bytes_under_the_name_are_never_touched(tmp_path, there):
    (tmp_path / "a").write_bytes(there)
    with pytest.raises(ObjectConflictError, match="object_conflict"):
        write_new(tmp_path / "a", b"bytes")
    assert (tmp_path / "a").read_bytes() == there
    assert names_in(tmp_path) == ["a"]


def test_partial_files_lie_in_the_scratch_directory(tmp_path, monkeypatch):
    tree, scratch = tmp_path / "tree", tmp_path / "scratch"
    tree.mkdir()
    scratch.mkdir()
    seen = []
    monkeypatch.setattr(durable, "sync_file", lambda *_: seen.append(len(names_in(scratch))))
    place_new(tree / "a", b"bytes", scratch=scratch)
    write_whole(tree / "b", b"bytes", scratch=scratch)
    assert seen[:2] == [1, 1]
    assert names_in(scratch) == []
    assert names_in(tree) == ["a", "b"]


def test_a_file_of_secrets_is_never_wider_open_than_asked(tmp_path):
    write_whole(tmp_path / "a", b"bytes", mode=0o600)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("write", [write_whole, write_new])
def test_a_full_disk_is_told_as_such_and_leaves_no_name(tmp_path, monkeypatch, write):
    fail(monkeypatch, "write", errno.ENOSPC)
    with pytest.raises(NoSpaceError, match="no_space"):
        write(tmp_path / "a", b"bytes")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("write", [write_whole, write_new])
def test_a_failed_write_is_told_and_leaves_no_name(tmp_path, monkeypatch, write):
    fail(monkeypatch, "write", errno.EIO)
    with pytest.raises(VaultUnavailableError, match="vault_io"):
        write(tmp_path / "a", b"bytes")
    assert names_in(tmp_path) == []


def test_a_short_write_is_gone_on_with(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(durable.os, "write", lambda file, data: real(file, data[:2]))
    write_whole(tmp_path / "a", b"bytes")
    assert (tmp_path / "a").read_bytes() == b"bytes"


@pytest.mark.parametrize("write", [write_whole, write_new])
def test_a_failed_sync_is_told_once_and_never_tried_again(tmp_path, monkeypatch, write):
    tries = []

    def failing(descriptor):
        tries.append(descriptor)
        raise OSError(errno.EIO, "planted")

    monkeypatch.setattr(durable.os, "fsync", failing)
    with pytest.raises(FsyncFailedError, match="fsync_failed"):
        write(tmp_path / "a", b"bytes")
    assert len(tries) == 1
    assert names_in(tmp_path) == []


def test_a_directory_and_its_parents_are_durable_each_in_the_one_above(tmp_path, calls):
    make_directory(tmp_path / "a" / "b")
    assert calls == ["fsync directory"] * 2
    make_directory(tmp_path / "a" / "b")
    assert len(calls) == 3  # whoever made it may have been cut before that


def test_a_directory_that_is_gone_is_told(tmp_path):
    with pytest.raises(VaultUnavailableError, match="vault_io"):
        sync_directory(tmp_path / "none")
    with pytest.raises(VaultUnavailableError, match="vault_io"):
        write_whole(tmp_path / "none" / "a", b"bytes")


def test_reading_has_a_limit_and_a_missing_file_is_none(tmp_path):
    (tmp_path / "a").write_bytes(b"bytes")
    assert read_limited(tmp_path / "a", 5) == b"bytes"
    assert read_limited(tmp_path / "b", 5) is None
    with pytest.raises(VaultUnavailableError, match="file_too_large"):
        read_limited(tmp_path / "a", 4)
    os.mkfifo(tmp_path / "c")
    for path in (tmp_path, tmp_path / "c"):
        with pytest.raises(VaultUnavailableError, match="not_a_file"):
            read_limited(path, 5)
