"""Certificates that an agency gives to its appliance: checked before they are used, and after.

A wrong certificate is found here, in a sentence, and not by forty people whose browsers refuse.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from appliance.ca import PEM_LIMIT_BYTES, TlsFiles, files_of, issue, make_authority
from custody.hosts import is_address, name_of
from evidence.errors import UsageError
from vault.durable import make_directory, read_limited, write_whole
from vault.keys import check_private

RENEWED_BEFORE = timedelta(days=30)
CHAIN_LIMIT = 10  # certificates of one file
RSA_LEAST_BITS = 2048

ServerKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def take_given(folder: Path, given: TlsFiles, hosts: Sequence[str], now: datetime) -> TlsFiles:
    """Check a certificate and its key, and keep copies of them; return where.

    Raises ``UsageError`` with what is wrong: ``certificate_unreadable``, ``tls_key_unreadable``,
    ``tls_key_encrypted``, ``tls_key_other``, ``certificate_weak``, ``certificate_host``,
    ``certificate_expired``, ``certificate_early``, ``certificate_use``, ``certificate_chain``.
    """
    chain = _read_chain(given.certificate)
    key = _read_key(given.key)
    check_chain(chain, key, hosts, now)
    files = files_of(folder)
    make_directory(folder, 0o700)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_whole(files.key, pem, mode=0o600)
    write_whole(files.certificate, b"".join(each.public_bytes(Encoding.PEM) for each in chain))
    return files


def prepare(folder: Path, hosts: Sequence[str], given: TlsFiles | None, now: datetime) -> TlsFiles:
    """Make or take the certificate of a home that is just being set up; return where it lies.

    An authority that a setup before left behind when it was cut is replaced: nobody trusts it yet.
    """
    if given is not None:
        return take_given(folder, given, hosts, now)
    make_authority(folder, hosts, now, again=True)
    return issue(folder, hosts, now)


def current(folder: Path, hosts: Sequence[str], now: datetime) -> TlsFiles:
    """Return what the server is to use, for its start: checked, and renewed where that is due.

    Only what our own authority signed is renewed.  Raises as ``check_kept``.
    """
    files = files_of(folder)
    first = _read_chain(files.certificate)[0]
    if first.not_valid_after_utc - now < RENEWED_BEFORE and _is_ours(folder, first):
        issue(folder, hosts, now)
    check_kept(folder, hosts, now)
    return files


def _is_ours(folder: Path, certificate: x509.Certificate) -> bool:
    """Tell whether our own authority signed it; whether that is trusted is for browsers."""
    if not (folder / "ca.pem").exists():
        return False
    try:
        certificate.verify_directly_issued_by(_read_chain(folder / "ca.pem")[0])
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def check_kept(folder: Path, hosts: Sequence[str], now: datetime) -> datetime:
    """Check what the server is about to use; return until when it is valid.

    Raises as ``take_given``, and ``VaultUnavailableError`` (``secret_missing``,
    ``secret_exposed``).
    """
    files = files_of(folder)
    check_private(files.key)
    chain = _read_chain(files.certificate)
    check_chain(chain, _read_key(files.key), hosts, now)
    return chain[0].not_valid_after_utc


def check_chain(
    chain: Sequence[x509.Certificate], key: ServerKey, hosts: Sequence[str], now: datetime
) -> None:
    """Raise ``UsageError`` unless a browser that trusts the end of ``chain`` takes its first."""
    first = chain[0]
    if _spki(first.public_key()) != _spki(key.public_key()):
        raise UsageError("tls_key_other")
    _check_time(chain, now)
    for host in hosts:
        _check_host(first, name_of(host))
    _check_use(first)
    for below, above in pairwise(chain):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise UsageError("certificate_chain", subject=_words(below)) from error


def _read_chain(path: Path) -> list[x509.Certificate]:
    raw = read_limited(path, PEM_LIMIT_BYTES) or b""
    try:
        chain = x509.load_pem_x509_certificates(raw)
    except ValueError as error:
        raise UsageError("certificate_unreadable", path=str(path)) from error
    if len(chain) > CHAIN_LIMIT:
        raise UsageError("certificate_unreadable", path=str(path))
    return chain


def _read_key(path: Path) -> ServerKey:
    try:
        key = load_pem_private_key(read_limited(path, PEM_LIMIT_BYTES) or b"", None)
    except TypeError as error:
        raise UsageError("tls_key_encrypted", path=str(path)) from error
    except ValueError as error:
        raise UsageError("tls_key_unreadable", path=str(path)) from error
    match key:
        case ec.EllipticCurvePrivateKey(curve=ec.SECP256R1() | ec.SECP384R1()):
            return key
        case rsa.RSAPrivateKey() if key.key_size >= RSA_LEAST_BITS:
            return key
    raise UsageError("certificate_weak", bits=RSA_LEAST_BITS)  # also what browsers do not know


def _check_time(chain: Sequence[x509.Certificate], now: datetime) -> None:
    for each in chain:
        if now > each.not_valid_after_utc:
            until = each.not_valid_after_utc.date().isoformat()
            raise UsageError("certificate_expired", until=until, subject=_words(each))
        if now < each.not_valid_before_utc:
            since = each.not_valid_before_utc.date().isoformat()
            raise UsageError("certificate_early", since=since, subject=_words(each))


def _check_host(certificate: x509.Certificate, host: str) -> None:
    """Refuse a certificate without ``host`` among its alternative names (RFC 9525)."""
    try:
        kind = x509.SubjectAlternativeName
        names = certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise UsageError("certificate_host", host=host) from error
    if is_address(host):
        covered = ip_address(host) in names.get_values_for_type(x509.IPAddress)
    else:
        above = "*." + host.partition(".")[2]  # one label, whole, and only the first
        known = [each.lower() for each in names.get_values_for_type(x509.DNSName)]
        covered = host in known or above in known
    if not covered:
        raise UsageError("certificate_host", host=host)


def _check_use(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return  # then it may be used for everything
    if ExtendedKeyUsageOID.SERVER_AUTH not in usage:
        raise UsageError("certificate_use")


def _spki(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise UsageError("tls_key_other")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _words(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
