"""Recorders over test volumes, in one line."""

from zoneinfo import ZoneInfo

from drivers.limits import ListingLimits
from drivers.registry import open_recorder
from tests.fakes.parsers import DirectParsers

SHANGHAI = ZoneInfo("Asia/Shanghai")


def opened(path, *, limits=None, parsers=None, zone=SHANGHAI, mounts=None):
    parsers, limits = parsers or DirectParsers(), limits or ListingLimits()
    return open_recorder(path, parsers=parsers, zone=zone, limits=limits, mounts=mounts)


def listed(path, **how):
    recorder = opened(path, **how)
    try:
        return recorder.listing()
    finally:
        recorder.close()


def by_path(listing):
    return {file.path: file for file in listing.files}


def codes(noted):
    return [each.facts.get("because", str(each.finding)) for each in noted]
