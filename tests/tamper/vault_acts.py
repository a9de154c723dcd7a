"""What root can do to the vault at rest."""

import os
from hashlib import sha256

from tests.tamper.acts import Act, At, act


def sealed(home, number=0):
    """Return one segment: its entry, and the file of its bytes."""
    entry = home.entries("segment.sealed")[number]
    return entry, home.object(entry.body["sha256"])


def at(entry):
    return At(entry.seq, f"s:{entry.body['sha256']}")


def overwrite(path, content):
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)


@act("object_digest", "slices_differ")
def an_object_is_replaced_by_others_of_its_size(home):
    entry, path = sealed(home)
    overwrite(path, bytes(entry.body["size"]))
    return at(entry)


@act("object_digest", "slices_differ")
def one_bit_of_an_object_is_flipped(home):
    entry, path = sealed(home)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    overwrite(path, content)
    return at(entry)


@act("object_digest", "slices_differ", level="slices")
def one_bit_of_an_object_is_flipped_and_slices_are_read(home):
    return one_bit_of_an_object_is_flipped.do(home)


@act("object_size", "object_digest", level="size")
def an_object_is_cut(home):
    entry, path = sealed(home)
    overwrite(path, path.read_bytes()[:-1])
    return at(entry)


@act("object_digest", "object_size")
def an_object_is_cut_and_its_bytes_are_read(home):
    return an_object_is_cut.do(home)


@act("object_size")
def an_object_has_grown(home):
    entry, path = sealed(home)
    overwrite(path, path.read_bytes() + b"x")
    return at(entry)


@act("object_size")
def an_object_has_grown_to_a_petabyte_of_nothing(home):
    entry, path = sealed(home)
    path.chmod(0o644)
    os.truncate(path, 1 << 43)  # as large as this file system takes; nobody reads it to its end
    path.chmod(0o444)
    return at(entry)


@act("object_size", "object_digest")
def an_empty_object_is_filled(home):
    entry = next(each for each in home.entries("segment.sealed") if not each.body["size"])
    overwrite(home.object(entry.body["sha256"]), b"x")
    return at(entry)


@act("object_digest", "object_size object_digest")
def two_objects_change_places(home):
    (entry, first), (_, second) = sealed(home, 1), sealed(home, 3)
    other = first.with_name("x")
    first.rename(other)
    second.rename(first)
    other.rename(second)
    return at(entry)


@act("object_missing", level="presence")
def an_object_is_removed(home):
    entry, path = sealed(home)
    path.unlink()
    return at(entry)


@act("object_missing", "slices_missing", level="presence")
def the_whole_vault_is_removed(home):
    entry, _ = sealed(home, 1)
    (home.path / "vault").rename(home.path / "elsewhere")
    return at(entry)


@act("object_missing", "object_unplaced", level="presence")
def an_object_is_moved_to_another_folder(home):
    entry, path = sealed(home)
    other = path.parents[1] / "zz"
    other.mkdir()
    path.rename(other / path.name)
    return at(entry)


@act("object_missing", "object_unplaced", level="presence")
def an_object_is_renamed_in_capitals(home):
    entry, path = sealed(home)
    path.rename(path.with_name(path.name.upper()))
    return at(entry)


@act("object_unplaced", level="presence")
def a_foreign_object_is_added(home):
    content = b"never recorded"
    path = home.object(sha256(content).hexdigest())
    path.parent.mkdir(exist_ok=True)
    overwrite_new(path, content)
    return At(None, f"s:{path.name}")


@act("object_unplaced")
def a_foreign_object_is_added_under_a_digest_that_is_not_its_own(home):
    path = home.object("5e" * 32)
    path.parent.mkdir(exist_ok=True)
    overwrite_new(path, b"never recorded")
    return At()


@act("object_unplaced")
def a_foreign_object_under_a_name_that_is_no_text_is_added(home):
    folder = home.path / "vault" / "objects" / "ab"
    folder.mkdir(exist_ok=True)
    (folder / os.fsdecode(b"\xff\xfe\x1b[2J")).write_bytes(b"")
    return At()


@act("object_unplaced")
def a_pipe_is_added_that_would_keep_a_reader_waiting(home):
    path = home.object("5e" * 32)
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    return At()


@act("object_unplaced")
def a_folder_is_added(home):
    path = home.object("5e" * 32)
    path.mkdir(parents=True)
    return At()


@act("object_unplaced")
def a_foreign_object_of_a_petabyte_is_added(home):
    path = home.object("5e" * 32)
    path.parent.mkdir(exist_ok=True)
    overwrite_new(path, b"")
    os.truncate(path, 1 << 43)
    return At()


@act("object_unguarded", level="presence")
def an_object_is_replaced_by_a_link_to_its_bytes_elsewhere(home):
    entry, path = sealed(home)
    path.rename(home.path / "elsewhere")
    path.symlink_to(home.path / "elsewhere")
    return at(entry)


@act("object_unguarded", level="presence")
def a_folder_of_objects_is_replaced_by_a_link_elsewhere(home):
    entry, path = sealed(home)
    path.parent.rename(home.path / "elsewhere")
    path.parent.symlink_to(home.path / "elsewhere")
    return at(entry)


@act("object_missing", "object_unguarded", level="presence")
def an_object_is_replaced_by_a_link_to_nowhere(home):
    entry, path = sealed(home)
    path.unlink()
    path.symlink_to("nowhere")
    return at(entry)


@act("object_unguarded", level="presence")
def an_object_gets_a_second_name_to_write_through(home):
    entry, path = sealed(home)
    (home.path / "door").hardlink_to(path)
    return at(entry)


@act("object_unguarded", level="presence")
def an_object_may_be_written_to(home):
    entry, path = sealed(home)
    path.chmod(0o664)
    return at(entry)


@act("object_unreadable")
def an_object_is_replaced_by_a_pipe_that_would_keep_a_reader_waiting(home):
    entry, path = sealed(home)
    path.unlink()
    os.mkfifo(path)
    return at(entry)


@act("object_unreadable")
def an_object_is_replaced_by_a_folder(home):
    entry, path = sealed(home)
    path.unlink()
    path.mkdir()
    return at(entry)


def roll(home, number=0):
    entry = home.entries("segment.sealed")[number]
    return entry, home.object(entry.body["slices"]["sha256"])


@act("slices_damaged", level="size")
def a_roll_of_slices_is_changed(home):
    entry, path = roll(home)
    overwrite(path, path.read_bytes().replace(b'"key":false', b'"key":true', 1))
    return at(entry)


@act("slices_damaged", level="size")
def a_roll_of_slices_is_cut_by_a_line(home):
    entry, path = roll(home)
    overwrite(path, b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    return at(entry)


@act("slices_damaged", level="size")
def the_lines_of_a_roll_change_places(home):
    entry, path = roll(home)
    overwrite(path, b"".join(path.read_bytes().splitlines(keepends=True)[::-1]))
    return at(entry)


@act("slices_missing", level="presence")
def a_roll_of_slices_is_removed(home):
    entry, path = roll(home)
    path.unlink()
    return at(entry)


@act("slices_damaged", level="size")
def two_rolls_change_places(home):
    (entry, first), (_, second) = roll(home, 0), roll(home, 1)
    other = first.with_name("x")
    first.rename(other)
    second.rename(first)
    other.rename(second)
    return at(entry)


@act("object_unguarded", level="presence")
def a_roll_is_replaced_by_a_link(home):
    entry, path = roll(home)
    path.rename(home.path / "elsewhere")
    path.symlink_to(home.path / "elsewhere")
    return at(entry)


@act("object_digest", "slices_damaged")
def bytes_and_roll_are_replaced_by_others_that_fit_each_other(home):
    entry, path = sealed(home, 1)
    _, lines = roll(home, 1)
    content = b"x" * entry.body["size"]
    overwrite(path, content)
    old = sha256(b"second film " * 900).hexdigest()
    new = lines.read_bytes().replace(old.encode(), sha256(content).hexdigest().encode())
    assert new != lines.read_bytes()
    overwrite(lines, new)
    return at(entry)


def overwrite_new(path, content):
    path.write_bytes(content)
    path.chmod(0o444)


ACTS = tuple(each for each in vars().values() if isinstance(each, Act))
