"""Every hostile volume docked whole: registry, disk driver, fenced parsers, session, real stores.

What is refused stays on the recorder and is reported; what can be read is in custody; nothing
outside the home has changed; the audit finds nothing.
"""

import pytest

from appliance.births import CradleKeeper
from appliance.children import FencedParsers, ParserLimits
from drivers.limits import ListingLimits
from drivers.registry import open_recorder
from evidence.errors import UnknownRecorderError
from tests.fakes.house import SHANGHAI, House
from tests.hostile.bombs import BOMBS, bomb
from tests.hostile.homes import held, names_not_ours, sealed_digests, sha256, tree, vault_bytes
from tests.tools import exfat, fat32
from tests.tools.hostile import ALL, LAWFUL, hostile
from tests.tools.scenes import NAMES, Scale, scene
from tests.tools.volumes import VolumeFile

DEADLINE_S = 60  # of one docking, on a busy machine; alone most take a quarter of a second
ROOM_BYTES = 4 << 20  # rolls of slices, beside the bytes of the recorder

LOG = b"2026-11-21 09:58:00 POWER_ON serial=K7F3A2C\r\n" * 20
REFUSED = {  # volumes without sense: that something was docked is written down all the same
    "zero_cluster_size",
    "odd_cluster_size",
    "zero_sector_size",
    "no_fats",
    "huge_cluster_shift",
    "zero_clusters_exfat",
    "root_out_of_range_exfat",
}
NO_DISK = {"not_a_volume", "nothing_at_all"}
EMPTY = {"root_out_of_range"}  # a lawful volume but for where its root lies
LEFT = {  # what stays on the recorder, and why
    "chain_out_of_range": {"file_without_extents"},
    "chain_out_of_range_exfat": {"file_without_extents"},
    "size_2_63": {"recorder_overfull"},  # both claim all that lies behind them
    "overlapping_hundred": {"recorder_overfull"},
    "never_written_hundred": {"recorder_overfull"},
    "truncated_device": {"file_without_extents"},
    "truncated_device_exfat": {"file_without_extents"},
}


@pytest.fixture(scope="module")
def parsers():
    keeper = CradleKeeper()
    ours = FencedParsers(ParserLimits(total_s=30), cradle=keeper.descriptor())
    yield ours
    ours.close()
    keeper.close()


@pytest.fixture
def house(tmp_path, parsers):
    ours = House(tmp_path / "home", parsers=parsers)
    yield ours
    ours.close()


def opened(path, parsers):
    return open_recorder(path, parsers=parsers, zone=SHANGHAI, limits=ListingLimits())


def dock(house, path, after="keep"):
    recorder = opened(path, house.parsers)
    try:
        return house.dock(recorder, after)
    finally:
        recorder.close()


def whole(house, progress):
    """Everything that was listed is sealed or left with a word, and the audit finds nothing."""
    entries = house.entries()
    inventory = next(entry for entry in entries if entry.type == "inventory.taken")
    seen = [e for e in entries if e.type in {"segment.sealed", "segment.seen"}]
    left = [entry for entry in entries if entry.type == "segment.left"]
    assert len(seen) + len(left) == inventory.body["files"] == len(progress.inventory.files)
    assert [entry.body["because"] for entry in left] == [each.because for each in progress.left]
    short = any(note["finding"] == "shorter_than_listed" for e in seen for note in e.body["noted"])
    assert progress.outcome == ("left_behind" if left or short else "complete")
    audited(house)
    held(house.root, sealed_digests(entries))


def audited(house):
    report = house.audit()
    assert not report.findings, report.findings
    assert house.entries()[-1].type in {"docking.ended", "seam.judged"}


def cases():
    """Yield every volume that is docked; ten thousand files take ten thousand times the care."""
    for name in sorted(set(ALL) - REFUSED - NO_DISK):
        slow = pytest.mark.fuzz if name.startswith("ten_thousand") else ()
        limit = pytest.mark.timeout(DEADLINE_S * (20 if slow else 1))
        yield pytest.param(name, marks=(limit, slow) if slow else limit)


@pytest.mark.parametrize("name", list(cases()))
def test_a_hostile_volume_is_docked_whole(name, tmp_path, house):
    image = hostile(name, tmp_path)
    before = tree(tmp_path, without=[house.root])

    progress = dock(house, image, after="confirm" if name in LAWFUL else "keep")

    assert tree(tmp_path, without=[house.root]) == before
    assert names_not_ours(house.root) == []
    assert vault_bytes(house.root) <= image.stat().st_size * 11 // 10 + ROOM_BYTES
    whole(house, progress)
    assert {each.because for each in progress.left} == LEFT.get(name, set())
    if name not in EMPTY:
        assert sha256(LOG) in sealed_digests(house.entries())


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_volume_without_sense_is_refused_and_written_down(name, tmp_path, house):
    image = hostile(name, tmp_path)
    before = tree(tmp_path, without=[house.root])
    progress = dock(house, image)
    assert (progress.outcome, progress.cut) == ("failed", "volume_refused")
    assert [entry.type for entry in house.entries()[-2:]] == ["docking.opened", "docking.ended"]
    assert tree(tmp_path, without=[house.root]) == before
    assert vault_bytes(house.root) == 0
    audited(house)


@pytest.mark.parametrize("name", sorted(NO_DISK))
def test_what_is_no_volume_is_taken_by_no_driver(name, tmp_path, parsers):
    with pytest.raises(UnknownRecorderError, match="path_unknown"):
        opened(hostile(name, tmp_path), parsers)


def poisoned():
    """Return every bomb and every scene as files of one card."""
    short = Scale(duration_ms=2_000)
    files = [VolumeFile(f"BOMBS/{name}.mp4", bomb(name)) for name in BOMBS]
    scenes = [VolumeFile(f"DCIM/{name}.mp4", scene(name, short).data) for name in NAMES]
    return (*files, *scenes)


@pytest.mark.parametrize(("kind", "write"), [("fat32", fat32), ("exfat", exfat)])
@pytest.mark.timeout(4 * DEADLINE_S)
def test_a_card_full_of_bombs_is_in_custody_whole(kind, write, tmp_path, house):
    image = tmp_path / f"{kind}.img"
    files = poisoned()
    write.write_image(image, files, cluster_bytes=4_096)
    progress = dock(house, image)
    whole(house, progress)
    assert not progress.left
    assert sealed_digests(house.entries()) == {sha256(file.content) for file in files}


def test_the_same_hostile_volume_docked_again_adds_nothing_to_the_vault(tmp_path, house):
    image = hostile("names", tmp_path)
    dock(house, image)
    once = tree(house.root / "vault" / "objects")
    dock(house, image)
    assert tree(house.root / "vault" / "objects") == once
    audited(house)


def test_the_check_of_names_can_fail(tmp_path):
    (tmp_path / "passwd").write_bytes(b"")
    (tmp_path / "DCIM").mkdir()
    assert len(names_not_ours(tmp_path)) == 2


def test_the_check_of_the_tree_can_fail(tmp_path):
    before = tree(tmp_path)
    (tmp_path / "escaped").write_bytes(b"x")
    assert tree(tmp_path) != before
    (tmp_path / "escaped").unlink()
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert tree(tmp_path) != before
