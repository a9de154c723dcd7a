"""A card that is erased under a certificate for half of it, in one of the ways there are."""

from contextlib import closing, suppress

from drivers import erase
from drivers.ways import ExfatFuse, Mtools
from evidence.errors import DeviceError
from tests.fakes.certificates import certificate_for
from tests.faults.plant import Plant
from tests.tools import exfat, fat32
from tests.tools.volumes import VolumeFile
from tests.unit.drivers.made import opened

NAMES = ["DCIM/a.mp4", "DCIM/b.mp4", "DCIM/sub/c.mp4", "DEVICE.LOG"]
NAMED, OTHERS = NAMES[:2], NAMES[2:]
WAYS = {"mtools": (fat32, Mtools()), "fuse": (exfat, ExfatFuse())}


def made(card, way, monkeypatch):
    """Write the card, and leave this way alone to erase it."""
    writer, chosen = WAYS[way]
    monkeypatch.setattr(erase, "DISK_WAYS", (chosen,))
    writer.write_image(card, [VolumeFile(name, name.encode() * 300) for name in NAMES])


def erased(card):
    """Let the card forget; what it says does not matter here, only what it did."""
    with closing(opened(card)) as recorder, suppress(DeviceError):
        recorder.erase(certificate_for([f for f in recorder.listing().files if f.path in NAMED]))


def left(card):
    """Return what lies on the card now."""
    with closing(opened(card)) as recorder:
        return {f.path: b"".join(recorder.read(f)) for f in recorder.listing().files}


def steps(card):
    """Return the steps of an erase that nothing breaks."""
    plant = Plant()
    with plant.planted():
        erased(card)
    assert set(left(card)) == set(OTHERS)
    return set(plant.seen)


def broken(card, plant):
    """Break one step of an erase: nothing else may go with it; then finish it."""
    with plant.planted():
        erased(card)
    assert plant.struck
    plant.rest()
    there = left(card)
    whole = {name: name.encode() * 300 for name in OTHERS}
    assert {name: there.get(name) for name in OTHERS} == whole
