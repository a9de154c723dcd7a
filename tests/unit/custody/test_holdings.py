"""One segment in the vault against its entry: what is read from the medium, at every level."""

import pytest

from custody.holdings import READING, Level
from tests.unit.custody.book import codes
from tests.unit.custody.shift import Shift, whole_shift


@pytest.mark.parametrize("level", sorted(READING))
def test_what_the_medium_gives_back_counts_and_not_what_is_cached(level):
    shift = whole_shift()
    shift.objects.garble = lambda content: content[::-1] if len(content) == 700 else content
    assert codes(shift.audit(level).findings) == ["object_digest", "slices_differ"]


@pytest.mark.parametrize("level", [Level.SIZE, Level.DIGEST, Level.SLICES])
def test_a_roll_under_a_name_that_is_not_its_digest_is_found(level):
    """Sealed so: its lines have the root that the entry says, and its name is another's."""
    shift = Shift()
    shift.open()
    shift.inventory()
    made = shift.store(0)
    other = "ab" * 32
    shift.objects.objects[other] = shift.objects.objects.pop(made.sha256)
    shift.seal(0, slices={"count": made.count, "root": made.root, "sha256": other})
    del shift.objects.objects[made.sha256]
    (found,) = shift.audit(level).findings
    assert (str(found.code), found.facts) == ("slices_damaged", {"because": "roll_digest"})
