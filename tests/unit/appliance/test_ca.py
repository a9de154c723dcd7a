"""Our own authority speaks for our hosts and nothing else; given certificates are checked first."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from appliance import ca
from appliance.ca import SERVER_TIME, TlsFiles, issue, make_authority
from appliance.tls import check_kept, current, prepare, take_given
from evidence.errors import UsageError, VaultUnavailableError

NOW = datetime.now(UTC).replace(microsecond=0)  # OpenSSL looks at the true clock
DAY = timedelta(days=1)
LOGIN, SIGN = "dock1.cgj.lan", "sign.dock1.cgj.lan"
HOSTS = (f"{LOGIN}:8443", f"{SIGN}:8443")


@pytest.fixture
def tls(tmp_path):
    folder = tmp_path / "tls"
    make_authority(folder, HOSTS, NOW)
    return folder


def authority_of(folder):
    return x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())


def verified(folder, host, chain, at=NOW):
    """Verify as a strict browser does (RFC 5280 with the profile of the web)."""
    store = Store([authority_of(folder)])
    policy = PolicyBuilder().store(store).time(at)
    return policy.build_server_verifier(x509.DNSName(host)).verify(chain[0], chain[1:])


def chain_of(files):
    return x509.load_pem_x509_certificates(files.certificate.read_bytes())


def shaken(folder, files, host):
    """Shake hands with OpenSSL on both sides; return the protocol, or raise as the client does."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    client = ssl.create_default_context(cafile=folder / "ca.pem")
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return sides[0].version()


@pytest.mark.parametrize("host", [LOGIN, SIGN])
def test_both_hosts_are_trusted_by_who_trusts_the_authority(tls, host):
    files = issue(tls, HOSTS, NOW)
    verified(tls, host, chain_of(files))
    assert shaken(tls, files, host) == "TLSv1.3"


def test_another_host_is_not(tls):
    files = issue(tls, HOSTS, NOW)
    with pytest.raises(VerificationError):
        verified(tls, "dock2.cgj.lan", chain_of(files))
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tls, files, "dock2.cgj.lan")


@pytest.mark.parametrize("stolen", ["bank.example", "cgj.lan", "dock2.cgj.lan", "10.0.0.7"])
def test_a_stolen_authority_speaks_for_nobody_else(tls, stolen):
    files = issue(tls, (stolen,), NOW)
    with pytest.raises(VerificationError):
        verified(tls, stolen, chain_of(files))
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(tls, files, stolen)


def test_a_server_certificate_makes_no_further_ones(tls):
    files = issue(tls, HOSTS, NOW)
    constraints = chain_of(files)[0].extensions.get_extension_for_class(x509.BasicConstraints)
    assert not constraints.value.ca
    assert authority_of(tls).extensions.get_extension_for_class(
        x509.BasicConstraints
    ).value == x509.BasicConstraints(ca=True, path_length=0)


def test_keys_are_for_their_owner_alone(tls):
    files = issue(tls, HOSTS, NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tls.iterdir()}
    assert modes == {"ca.pem": 0o644, "ca.key": 0o600, "server.pem": 0o644, "server.key": 0o600}
    assert tls.stat().st_mode & 0o077 == 0
    assert check_kept(tls, HOSTS, NOW) == NOW + SERVER_TIME
    files.key.chmod(0o640)
    with pytest.raises(VaultUnavailableError, match="secret_exposed"):
        check_kept(tls, HOSTS, NOW)


def test_a_second_authority_would_orphan_every_client(tls):
    before = (tls / "ca.pem").read_bytes()
    with pytest.raises(UsageError, match="authority_exists"):
        make_authority(tls, HOSTS, NOW)
    assert (tls / "ca.pem").read_bytes() == before


def test_a_certificate_is_renewed_under_the_same_authority(tls):
    first = chain_of(issue(tls, HOSTS, NOW))
    later = NOW + SERVER_TIME + DAY
    with pytest.raises(UsageError, match="certificate_expired"):
        check_kept(tls, HOSTS, later)
    files = issue(tls, HOSTS, later)
    assert check_kept(tls, HOSTS, later) > later
    again = chain_of(files)
    assert again[1] == first[1]
    assert again[0].public_key() != first[0].public_key()
    verified(tls, LOGIN, again, later)


def test_a_login_host_may_be_an_address(tmp_path):
    folder = tmp_path / "tls"
    hosts = ("10.0.0.7:8443", SIGN)
    make_authority(folder, hosts, NOW)
    files = issue(folder, hosts, NOW)
    assert shaken(folder, files, "10.0.0.7") == "TLSv1.3"
    assert shaken(folder, files, SIGN) == "TLSv1.3"
    assert check_kept(folder, hosts, NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(folder, issue(folder, ("10.0.0.8",), NOW), "10.0.0.8")


def test_nothing_is_issued_without_an_authority(tmp_path):
    with pytest.raises(UsageError, match="authority_missing"):
        issue(tmp_path, HOSTS, NOW)


def test_a_damaged_or_exposed_authority_issues_nothing(tls):
    secret = tls / "ca.key"
    good = secret.read_bytes()
    other = pem_of(rsa.generate_private_key(65537, 2048))
    for wrong in (b"", b"no key", other):
        secret.write_bytes(wrong)
        with pytest.raises(VaultUnavailableError, match="secret_damaged"):
            issue(tls, HOSTS, NOW)
    secret.write_bytes(good)
    secret.chmod(0o644)
    with pytest.raises(VaultUnavailableError, match="secret_exposed"):
        issue(tls, HOSTS, NOW)


# Given certificates


def pem_of(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


AGENCY_KEY = ec.generate_private_key(ec.SECP256R1())
AGENCY = ca._authority(AGENCY_KEY, ("cgj.lan",), NOW)
SERVER_KEY = ec.generate_private_key(ec.SECP384R1())


def certificate(names=(LOGIN, SIGN), key=SERVER_KEY, since=-DAY, until=30 * DAY, use=None):
    made = (
        x509.CertificateBuilder()
        .subject_name(ca._name("given"))
        .issuer_name(AGENCY.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW + since)
        .not_valid_after(NOW + until)
    )
    if names:
        alternative = x509.SubjectAlternativeName([ca._san(name) for name in names])
        made = made.add_extension(alternative, critical=False)
    if use:
        made = made.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    return made.sign(AGENCY_KEY, SHA256())


def given(folder, *chain, key=SERVER_KEY, pem=None):
    files = TlsFiles(folder / "given.pem", folder / "given.key")
    files.certificate.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in chain))
    files.key.write_bytes(pem or pem_of(key))
    return files


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"use": ExtendedKeyUsageOID.SERVER_AUTH},
        {"names": ("*.cgj.lan", "SIGN.dock1.cgj.lan")},
        {"key": rsa.generate_private_key(65537, 2048)},
    ],
)
def test_a_given_certificate_is_kept_with_its_chain(tmp_path, made):
    key = made.get("key", SERVER_KEY)
    files = given(tmp_path, certificate(**made), AGENCY, key=key)
    kept = take_given(tmp_path / "tls", files, HOSTS, NOW)
    assert len(chain_of(kept)) == 2
    assert kept.key.stat().st_mode & 0o777 == 0o600
    assert check_kept(tmp_path / "tls", HOSTS, NOW) == NOW + 30 * DAY


WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
OTHER = ec.generate_private_key(ec.SECP256R1())
UNKNOWN = ed25519.Ed25519PrivateKey.generate()
REFUSED = {
    "for one host only": ("certificate_host", [certificate(names=(LOGIN,))], {}),
    "for no host": ("certificate_host", [certificate(names=())], {}),
    "a star does not reach two levels down": (
        "certificate_host", [certificate(names=("*.cgj.lan",))], {},
    ),
    "a star alone": ("certificate_host", [certificate(names=("*", SIGN))], {}),
    "of last year": ("certificate_expired", [certificate(since=-9 * DAY, until=-DAY)], {}),
    "of next year": ("certificate_early", [certificate(since=DAY)], {}),
    "for clients": (
        "certificate_use", [certificate(use=ExtendedKeyUsageOID.CLIENT_AUTH)], {},
    ),
    "with another key": ("tls_key_other", [certificate()], {"key": OTHER}),
    "of a key of another kind": ("tls_key_other", [certificate(key=UNKNOWN)], {}),
    "with a weak key": ("certificate_weak", [certificate(key=WEAK)], {"key": WEAK}),
    "with a key browsers do not know": (
        "certificate_weak", [certificate(key=UNKNOWN)], {"key": UNKNOWN},
    ),
    "with a key under a password": (
        "tls_key_encrypted",
        [certificate()],
        {"pem": pem_of(SERVER_KEY, BestAvailableEncryption(b"password"))},
    ),
    "with no key": ("tls_key_unreadable", [certificate()], {"pem": b"no key"}),
    "with nothing": ("certificate_unreadable", [], {}),
    "in another order": ("tls_key_other", [AGENCY, certificate()], {}),
    "under somebody else": ("certificate_chain", [certificate(), certificate(key=OTHER)], {}),
    "much too long": ("certificate_unreadable", [certificate()] * 11, {}),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED)
def test_a_given_certificate_that_browsers_would_refuse_is_refused_here(tmp_path, fault):
    word, chain, more = REFUSED[fault]
    with pytest.raises(UsageError) as told:
        take_given(tmp_path / "tls", given(tmp_path, *chain, **more), HOSTS, NOW)
    assert told.value.word == word
    assert not (tmp_path / "tls").exists(), "nothing was kept"


def test_a_certificate_is_checked_for_an_address_too(tmp_path):
    files = given(tmp_path, certificate(names=("10.0.0.7", SIGN)))
    take_given(tmp_path / "tls", files, ("10.0.0.7", SIGN), NOW)
    with pytest.raises(UsageError, match="certificate_host"):
        take_given(tmp_path / "tls", files, ("10.0.0.8", SIGN), NOW)


def test_what_our_authority_signed_is_renewed_in_time(tls):
    first = chain_of(issue(tls, HOSTS, NOW))
    assert chain_of(current(tls, HOSTS, NOW + SERVER_TIME - 31 * DAY)) == first
    later = NOW + SERVER_TIME - 29 * DAY
    again = chain_of(current(tls, HOSTS, later))
    assert again[0].not_valid_after_utc == later + SERVER_TIME
    verified(tls, SIGN, again, later)


def test_what_was_given_is_never_replaced_by_our_own(tls):
    for chain in ([certificate()], [certificate(), AGENCY]):
        kept = chain_of(take_given(tls, given(tls, *chain), HOSTS, NOW))
        assert chain_of(current(tls, HOSTS, NOW + 20 * DAY)) == kept
        with pytest.raises(UsageError, match="certificate_expired"):
            current(tls, HOSTS, NOW + 40 * DAY)


def test_without_an_authority_nothing_is_renewed(tmp_path):
    folder = tmp_path / "tls"
    kept = chain_of(take_given(folder, given(tmp_path, certificate()), HOSTS, NOW))
    assert chain_of(current(folder, HOSTS, NOW + 20 * DAY)) == kept
    with pytest.raises(UsageError, match="certificate_unreadable"):
        current(tmp_path / "nothing", HOSTS, NOW)


def test_a_setup_that_was_cut_is_done_again(tls):
    before = authority_of(tls)
    files = prepare(tls, HOSTS, None, NOW)
    assert authority_of(tls) != before
    verified(tls, LOGIN, chain_of(files))
    assert len(chain_of(prepare(tls, HOSTS, given(tls, certificate()), NOW))) == 1
