"""``dockseal setup`` and certificates: made for two hosts, or taken and checked, and only then."""

import pytest
from cryptography import x509

from appliance.exits import Exit
from tests.process.appliance.station import SETUP, Station

HOSTS = ("--login-host", "dock1.example:8443", "--sign-host", "sign.dock1.example:8443")


def names_in(path):
    (certificate, _) = x509.load_pem_x509_certificates(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return found.get_values_for_type(x509.DNSName)


def test_setup_makes_an_authority_for_its_two_hosts_and_says_whom_to_trust(tmp_path):
    station = Station(tmp_path)
    heard = station.run("", *SETUP, *HOSTS)
    assert heard.code == 0, heard.err
    assert "ca.pem" in heard.out
    tls = station.home / "tls"
    assert names_in(tls / "server.pem") == ["dock1.example", "sign.dock1.example"]
    assert {path.name: path.stat().st_mode & 0o777 for path in tls.glob("*.key")} == {
        "ca.key": 0o600,
        "server.key": 0o600,
    }


def test_without_hosts_or_on_this_machine_alone_there_is_no_certificate(tmp_path):
    station = Station(tmp_path)
    hosts = ("--login-host", "localhost:8000", "--sign-host", "sign.localhost:8000")
    told = station.do("", *SETUP, *hosts)
    assert told["tls"] is None
    assert not list(tmp_path.rglob("*.pem"))


@pytest.mark.parametrize(
    ("word", "options"),
    [
        ("sign_host_is_address", ("--login-host", "dock1.example", "--sign-host", "10.0.0.7")),
        ("hosts_same", ("--login-host", "dock1.example", "--sign-host", "dock1.example")),
        ("tls_given_half", (*HOSTS, "--tls-key", "server.key")),
        ("certificate_unreadable", (*HOSTS, "--tls-key", "no.key", "--tls-certificate", "no.pem")),
    ],
)
def test_hosts_or_certificates_that_would_not_work_found_nothing(tmp_path, word, options):
    station = Station(tmp_path)
    heard = station.run("", *SETUP, *options, "--json")
    assert heard.code == Exit.USAGE
    assert word in heard.out + heard.err
    assert station.do("", "whoami")["actor"] == "sys:local"
