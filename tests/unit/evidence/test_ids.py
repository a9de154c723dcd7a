import pytest

from evidence.errors import MalformedError
from evidence.ids import (
    KINDS,
    check_actor,
    check_digest,
    check_station,
    check_subject,
    new_id,
    segment_id,
)

LONG, SHORT = "0123456789abcdef" * 4, "0123456789abcdef" * 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_id_is_a_subject(kind):
    assert check_subject(new_id(kind, bytes(range(16)))) == f"{kind}:{bytes(range(16)).hex()}"


def test_a_segment_is_named_by_its_digest_and_a_recorder_by_its_hmac():
    assert check_subject(segment_id(LONG)) == f"s:{LONG}"
    assert check_subject(f"r:{LONG}") == f"r:{LONG}"


@pytest.mark.parametrize("kind", ["s", "r", "", "dd", "D", "z"])
def test_other_kinds_have_no_random_id(kind):
    with pytest.raises(MalformedError):
        new_id(kind, bytes(16))


def test_an_id_needs_its_16_bytes():
    with pytest.raises(MalformedError):
        new_id("d", bytes(15))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s:",
        f"s:{SHORT}",
        f"d:{LONG}",
        f"s:{LONG.upper()}",
        f"s:{LONG}\n",
        f" s:{LONG}",
        f"z:{SHORT}",
        f"d{SHORT}",
        f"d:{SHORT[:-1]}g",
        "sys:local",
        f"d:{'١' * 32}",
    ],
)
def test_what_is_no_subject_is_refused(text):
    with pytest.raises(MalformedError):
        check_subject(text)


def test_an_actor_is_a_person_or_a_part_of_the_box():
    for actor in (f"p:{SHORT}", "sys:ingest", "sys:keeper", "sys:audit", "sys:local"):
        assert check_actor(actor) == actor
    for wrong in ("", "sys:", "sys:root", f"u:{SHORT}", "p:", f"p:{LONG}", "sys:local\n"):
        with pytest.raises(MalformedError):
            check_actor(wrong)


def test_a_station_can_stand_in_an_origin():
    assert check_station("0042") == "0042"
    for wrong in ("", "a b", "a/b", "a+b", "-a", "a\n", "站", "a" * 65):
        with pytest.raises(MalformedError):
            check_station(wrong)


def test_a_digest_is_lower_case_hex():
    assert check_digest(LONG) == LONG
    for wrong in ("", LONG[:-1], LONG.upper(), LONG + "\n"):
        with pytest.raises(MalformedError):
            check_digest(wrong)
