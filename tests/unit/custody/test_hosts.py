"""Signing needs names, and names that keep login and signing apart."""

import pytest

from custody.desk import Hosts
from custody.enrol import Founders, found, new_person
from custody.hosts import check_hosts, is_address, is_local, name_of
from custody.items import ItemList
from custody.names import PersonFacts
from evidence.errors import UsageError
from tests.fakes.desk import MemoryHouse, open_home

SIGN = "sign.dock1.cgj.lan"
GOOD = [
    Hosts(),
    Hosts("dock1.cgj.lan"),
    Hosts("10.0.0.7:8443"),
    Hosts("dock1.cgj.lan", SIGN, SIGN),
    Hosts("dock1.cgj.lan:8443", f"{SIGN}:8443", SIGN),
    Hosts("10.0.0.7", SIGN, SIGN),
    Hosts("dock1.cgj.lan", "dock1.sign.cgj.lan", "sign.cgj.lan"),
    Hosts("localhost:8000", "sign.localhost:8000", "sign.localhost"),
    Hosts("dockseal", "dockseal-sign", "dockseal-sign"),
]


@pytest.mark.parametrize("hosts", GOOD)
def test_hosts_that_keep_login_and_signing_apart_are_taken(hosts):
    check_hosts(hosts)


@pytest.mark.parametrize(
    ("word", "hosts"),
    [
        ("sign_host_is_address", Hosts("dock1.lan", "10.0.0.7", "10.0.0.7")),
        ("sign_host_is_address", Hosts("dock1.lan", "127.0.0.1:8443", "127.0.0.1")),
        ("sign_host_is_address", Hosts("dock1.lan", "[::1]:8443", "::1")),
        ("sign_host_is_address", Hosts("dock1.lan", "fd00::7", "fd00::7")),
        ("hosts_same", Hosts("dock1.lan", "dock1.lan", "dock1.lan")),
        ("hosts_same", Hosts("dock1.lan:8443", "dock1.lan:9443", "dock1.lan")),
        ("rp_not_of_host", Hosts("dock1.lan", "sign.dock1.lan", "sign.dock2.lan")),
        ("rp_not_of_host", Hosts("dock1.lan", "sign.dock1.lan", "ock1.lan")),
        ("rp_not_of_host", Hosts("dock1.lan", "sign.dock1.lan", None)),
        ("rp_not_of_host", Hosts("dock1.lan", None, "dock1.lan")),
        ("rp_reaches_login", Hosts("dock1.lan", "sign.dock1.lan", "dock1.lan")),
        ("rp_reaches_login", Hosts("dock1.lan", "sign.dock1.lan", "lan")),
        ("host_malformed", Hosts("Dock1.lan")),
        ("host_malformed", Hosts("https://dock1.lan")),
        ("host_malformed", Hosts("dock1.lan/")),
        ("host_malformed", Hosts("dock1..lan")),
        ("host_malformed", Hosts("-dock1.lan")),
        ("host_malformed", Hosts("站.lan")),
        ("host_malformed", Hosts("")),
        ("host_malformed", Hosts("dock1.lan:0")),
        ("host_malformed", Hosts("dock1.lan:65536")),
        ("host_malformed", Hosts("a." * 127 + "b")),
        ("host_malformed", Hosts("dock1.lan\n")),
    ],
)
def test_hosts_that_do_not_are_refused(word, hosts):
    with pytest.raises(UsageError) as told:
        check_hosts(hosts)
    assert told.value.word == word


def test_an_address_is_told_from_a_name():
    assert all(map(is_address, ("10.0.0.7", "10.0.0.7:80", "::1", "[::1]", "[::1]:80")))
    assert not any(map(is_address, ("dock1.lan", "dock1.lan:80", "10.0.0", "", "[x]:80")))
    hosts = ("dock1.lan:80", "10.0.0.7:80", "::1", "[::1]:80", "10.0.0.7")
    assert [name_of(host) for host in hosts] == ["dock1.lan", "10.0.0.7", "::1", "::1", "10.0.0.7"]


def test_a_name_of_this_machine_alone_is_told_from_others():
    assert is_local("localhost:8000")
    assert is_local("sign.localhost")
    assert not is_local("localhost.example")
    assert not is_local("notlocalhost")


def test_nobody_founds_an_organisation_whose_decisions_could_not_be_signed():
    house = MemoryHouse()
    desk = open_home(house).desk
    founders = Founders(
        {new_person(): PersonFacts("Li"), new_person(): PersonFacts("Wang")},
        {new_person(): PersonFacts("Zhao")},
    )
    with pytest.raises(UsageError, match="sign_host_is_address"):
        found(
            desk,
            "Bureau",
            Hosts("dock1.lan", "10.0.0.7", "10.0.0.7"),
            founders,
            ItemList("a", "1", "0" * 64, {}),
        )
    assert house.entries("organisation.founded") == []
