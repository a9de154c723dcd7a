"""TLS of the appliance: a small certificate authority of its own, or certificates given to it.

The authority is bound by name constraints to the hosts of this appliance: an agency that trusts
its root for ``dock1.example`` trusts it for nothing else, whoever steals its key.  Files lie below
``<home>/tls``; keys are for their owner alone.

    ca.pem ca.key            the authority, where it is ours; ca.pem goes out by group policy
    server.pem server.key    one certificate for both hosts (and its chain), as uvicorn takes it
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from custody.hosts import is_address, name_of
from evidence.errors import UsageError, VaultUnavailableError
from vault.durable import make_directory, read_limited, write_whole
from vault.keys import check_private

AUTHORITY_TIME = timedelta(days=3650)
SERVER_TIME = timedelta(days=397)
EARLY = timedelta(days=1)  # clocks in an agency differ
PEM_LIMIT_BYTES = 64 * 1024

_FOLDER_MODE = 0o700
_KEY_MODE = 0o600
_CERTIFICATE_MODE = 0o644
_EVERY_ADDRESS = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where a server finds its certificate (with its chain) and its key."""

    certificate: Path
    key: Path


def files_of(folder: Path) -> TlsFiles:
    """Return the names of the server's files, whether they are there or not."""
    return TlsFiles(folder / "server.pem", folder / "server.key")


def make_authority(
    folder: Path, hosts: Sequence[str], now: datetime, *, again: bool = False
) -> Path:
    """Make the authority for ``hosts``; return its certificate, which clients are to trust.

    Raises ``UsageError`` (``authority_exists``) unless ``again`` says that nobody trusts the one
    that is there: a second one would orphan every client.
    """
    path = folder / "ca.pem"
    if path.exists() and not again:
        raise UsageError("authority_exists", path=str(path))
    make_directory(folder, _FOLDER_MODE)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _authority(key, hosts, now)
    _write_key(folder / "ca.key", key)
    write_whole(path, certificate.public_bytes(Encoding.PEM), mode=_CERTIFICATE_MODE)
    return path


def _authority(
    key: ec.EllipticCurvePrivateKey, hosts: Sequence[str], now: datetime
) -> x509.Certificate:
    name = _name(f"Dockseal CA {name_of(hosts[0])}"[:64])
    usage = _usage(certificates=True)
    return (
        _builder(name, name, key.public_key(), now, AUTHORITY_TIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_constraints(hosts), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _constraints(hosts: Sequence[str]) -> x509.NameConstraints:
    """Permit our names (and what is below them), and of addresses ours or none.

    A kind of name without any constraint is free (RFC 5280, 4.2.1.10): so addresses get theirs.
    """
    names = [name_of(host) for host in hosts]
    permitted = [_constraint(name) for name in names]
    if any(map(is_address, names)):
        return x509.NameConstraints(permitted, None)
    excluded = [x509.IPAddress(ip_network(each)) for each in _EVERY_ADDRESS]
    return x509.NameConstraints(permitted, excluded)


def _constraint(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_network(name)) if is_address(name) else x509.DNSName(name)


def issue(folder: Path, hosts: Sequence[str], now: datetime) -> TlsFiles:
    """Make a new key and a certificate for ``hosts``, signed by our authority.

    Replaces the one before: also how it is renewed.  Raises ``UsageError``
    (``authority_missing``), ``VaultUnavailableError`` (``secret_exposed``, …).
    """
    authority, signer = _load_authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [_san(name_of(host)) for host in hosts]
    certificate = (
        _builder(_name("Dockseal"), authority.subject, key.public_key(), now, SERVER_TIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, SHA256())
    )
    return _write_server(folder, [certificate, authority], key)


def _load_authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    path, secret = folder / "ca.pem", folder / "ca.key"
    raw = read_limited(path, PEM_LIMIT_BYTES)
    if raw is None:
        raise UsageError("authority_missing", path=str(path))
    check_private(secret)
    try:
        certificate = x509.load_pem_x509_certificate(raw)
        key = load_pem_private_key(read_limited(secret, PEM_LIMIT_BYTES) or b"", None)
    except (ValueError, TypeError) as error:
        raise VaultUnavailableError("secret_damaged", path=str(secret)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise VaultUnavailableError("secret_damaged", path=str(secret))
    return certificate, key


def _san(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if is_address(name) else x509.DNSName(name)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    time: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLY)
        .not_valid_after(now + time)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write_server(
    folder: Path, chain: Sequence[x509.Certificate], key: ec.EllipticCurvePrivateKey
) -> TlsFiles:
    files = files_of(folder)
    _write_key(files.key, key)
    pem = b"".join(each.public_bytes(Encoding.PEM) for each in chain)
    write_whole(files.certificate, pem, mode=_CERTIFICATE_MODE)
    return files


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(path, pem, mode=_KEY_MODE)
