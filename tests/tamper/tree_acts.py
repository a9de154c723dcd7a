"""What root can do to the public tree at rest, without the signing key."""

import os
import shutil

from evidence.tiles import decode_bundle, encode_bundle
from tests.tamper.acts import Act, At, act
from tests.tamper.forge import Forger


def file_of(home, path):
    """Return the file of the tree at ``path``; of several that match, the widest."""
    found = (home.path / "ledger" / "tile").glob(path)
    return max(found, key=lambda each: int(each.name))


def bundle(home, path="entries/000"):
    file = file_of(home, path)
    width = int(file.name) if file.parent.name.endswith(".p") else 256
    return file, decode_bundle(file.read_bytes(), width)


@act("entry_differs", "certificate_not_whole certified_otherwise erased_uncertified")
def an_entry_is_changed(home):
    file, leaves = bundle(home)
    assert b'"lines":[0,1,2]' in leaves[6]
    leaves[6] = leaves[6].replace(b'"lines":[0,1,2]', b'"lines":[0,1,1]')
    file.write_bytes(encode_bundle(leaves))
    return At(6)


@act("root_differs", "ledger_refuses")
def an_entry_is_changed_and_the_tree_made_anew_but_not_signed(home):
    forger = Forger(home)
    forger.change_body(20, alarm="y")
    forger.write_tree()
    return At()


@act("entry_differs", "seq_wrong about_wrong catalogue_unreadable")
def two_entries_change_places(home):
    file, leaves = bundle(home)
    leaves[30], leaves[31] = leaves[31], leaves[30]
    file.write_bytes(encode_bundle(leaves))
    return At(30)


@act("seq_wrong", "entry_differs about_wrong catalogue_unreadable")
def an_entry_takes_the_place_of_another(home):
    file, leaves = bundle(home)
    leaves[31] = leaves[30]
    file.write_bytes(encode_bundle(leaves))
    return At(31)


@act("bundle_malformed", "catalogue_unreadable")
def an_entry_is_inserted(home):
    file, leaves = bundle(home)
    file.write_bytes(encode_bundle([*leaves[:30], leaves[30], *leaves[30:]]))
    return At(0)


@act("bundle_malformed", "catalogue_unreadable")
def an_entry_is_taken_out(home):
    file, leaves = bundle(home)
    file.write_bytes(encode_bundle([*leaves[:30], *leaves[31:]]))
    return At(0)


@act("bundle_malformed", "catalogue_unreadable")
def a_bundle_has_bytes_behind_its_end(home):
    file, _ = bundle(home)
    file.write_bytes(file.read_bytes() + b"\0\0")
    return At(0)


@act("bundle_malformed", "ledger_refuses")
def the_last_bundle_is_cut(home):
    file, _ = bundle(home, "entries/001.p/*")
    file.write_bytes(file.read_bytes()[:-1])
    return At(256)


@act("bundle_missing", "catalogue_unreadable")
def a_bundle_is_removed(home):
    file_of(home, "entries/000").unlink()
    return At(0)


@act("bundle_missing", "catalogue_unreadable")
def a_bundle_is_replaced_by_a_pipe_that_would_keep_a_reader_waiting(home):
    path = file_of(home, "entries/000")
    path.unlink()
    os.mkfifo(path)
    return At(0)


@act("bundle_missing", "catalogue_unreadable")
def a_bundle_is_replaced_by_a_link(home):
    path = file_of(home, "entries/000")
    path.rename(home.path / "elsewhere")
    path.symlink_to(home.path / "elsewhere")
    return At(0)


@act("tile_differs")
def a_hash_of_a_tile_is_changed(home):
    path = file_of(home, "0/000")
    content = bytearray(path.read_bytes())
    content[40 * 32] ^= 1
    path.write_bytes(content)
    return At(40)


@act("tile_differs")
def two_hashes_of_a_tile_change_places(home):
    path = file_of(home, "0/000")
    content = path.read_bytes()
    path.write_bytes(content[:64] + content[96:128] + content[64:96] + content[128:])
    return At(2)


@act("tile_differs", "ledger_refuses")
def a_tile_takes_the_place_of_another(home):
    path = file_of(home, "0/001.p/*")
    path.write_bytes(file_of(home, "0/000").read_bytes()[: int(path.name) * 32])
    return At(256)


@act("tile_differs")
def a_tile_is_cut(home):
    path = file_of(home, "0/000")
    path.write_bytes(path.read_bytes()[:-32])
    return At(0)


@act("tile_differs", "ledger_refuses")
def two_tiles_change_places(home):
    first, second = file_of(home, "0/000"), file_of(home, "0/001.p/*")
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    return At(0)


@act("tile_differs", "ledger_refuses")
def a_tile_of_an_upper_level_is_changed(home):
    path = file_of(home, "1/000.p/*")
    path.write_bytes(path.read_bytes()[::-1])
    return At()


@act("tile_missing")
def a_tile_is_removed(home):
    file_of(home, "0/000").unlink()
    return At(0)


@act("tile_missing", "ledger_refuses")
def a_tile_of_an_upper_level_is_removed(home):
    file_of(home, "1/000.p/*").unlink()
    return At()


@act("tile_differs")
def a_kept_tile_of_a_smaller_tree_tells_something_else(home):
    paths = sorted((home.path / "ledger" / "tile").glob("0/001.p/*"))
    content = bytearray(paths[0].read_bytes())
    content[0] ^= 1
    paths[0].write_bytes(content)
    return At(256)


@act("tree_ahead")
def a_tile_is_copied_to_a_place_that_is_not_there_yet(home):
    shutil.copy(file_of(home, "0/000"), home.path / "ledger/tile/0/007")
    return At()


@act("stray_file")
def a_file_is_added_to_the_tree(home):
    (home.path / "ledger/tile/0/notes.txt").write_text("x")
    return At()


@act("tree_ahead", "ledger_refuses object_unplaced")
def the_checkpoint_is_one_of_a_smaller_tree(home):
    shutil.copy(home.older / "ledger/checkpoint", home.path / "ledger/checkpoint")
    return At()


@act("checkpoint_missing", "tree_ahead ledger_refuses rolled_back object_unplaced")
def the_checkpoint_is_removed(home):
    (home.path / "ledger/checkpoint").unlink()
    return At()


@act("checkpoint_malformed", "signature_wrong tree_ahead ledger_refuses object_unplaced")
def the_checkpoint_is_a_text_of_somebody(home):
    (home.path / "ledger/checkpoint").write_text("all is well\n")
    return At()


@act("signature_wrong", "ledger_refuses root_differs tree_ahead")
def the_size_in_the_checkpoint_is_changed(home):
    path = home.path / "ledger/checkpoint"
    origin, size, *rest = path.read_text().split("\n")
    path.write_text("\n".join([origin, str(int(size) - 1), *rest]))
    return At()


@act("signature_wrong", "ledger_refuses")
def the_signature_is_taken_from_another_checkpoint(home):
    path = home.path / "ledger/checkpoint"
    ours, theirs = path.read_text(), (home.older / "ledger/checkpoint").read_text()
    path.write_text(ours.partition("\n\n")[0] + "\n\n" + theirs.partition("\n\n")[2])
    return At()


@act("ledger_refuses", "object_unplaced")
def the_tail_is_cut_off_with_an_older_tree_and_its_checkpoint(home):
    shutil.rmtree(home.path / "ledger")
    shutil.copytree(home.older / "ledger", home.path / "ledger")
    return At()


@act("object_unplaced", "catalogue_unreadable")
def the_tail_is_cut_off_and_the_lock_database_put_back(home):
    the_tail_is_cut_off_with_an_older_tree_and_its_checkpoint.do(home)
    shutil.copy(home.older / "private/lock.sqlite", home.path / "private/lock.sqlite")
    return At()


@act("rolled_back", "object_unplaced audit_unrecorded catalogue_unreadable")
def an_older_tree_is_put_in_place_while_the_ledger_process_runs(home):
    home.reached = lambda: the_tail_is_cut_off_with_an_older_tree_and_its_checkpoint.do(home)
    return At()


ACTS = tuple(each for each in vars().values() if isinstance(each, Act))
