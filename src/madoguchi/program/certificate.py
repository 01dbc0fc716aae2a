"""What may be wrong with a TLS certificate and its key."""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import ExtensionOID

SOON = timedelta(days=14)


def trouble(certificate_file: Path, key_file: Path, address: str, now: datetime) -> str | None:
    """One sentence on what is wrong at `now`, or None when browsers will take it for `address`.

    Whether the browsers trust its issuer is not examined.
    """
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = load_pem_private_key(key_file.read_bytes(), password=None)
    except OSError as error:
        return f"{error.filename} cannot be read ({error.strerror})."
    except (ValueError, TypeError):
        return "certificate or key are not PEM files, or the key has a password."
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if certificate.public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        return "the key does not belong to the certificate."
    if now >= certificate.not_valid_after_utc:
        return f"the certificate ended on {certificate.not_valid_after_utc:%Y-%m-%d}."
    if now + SOON >= certificate.not_valid_after_utc:
        return f"the certificate ends soon, on {certificate.not_valid_after_utc:%Y-%m-%d}."
    if now < certificate.not_valid_before_utc:
        return f"the certificate begins only on {certificate.not_valid_before_utc:%Y-%m-%d}."
    if address and not any(_matches(name, address) for name in _names(certificate)):
        return f"the certificate is not for {address} but for {', '.join(_names(certificate)) or 'nobody'}."
    return None


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except x509.ExtensionNotFound:
        return []
    names = extension.value
    if not isinstance(names, x509.SubjectAlternativeName):
        return []
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return names.get_values_for_type(x509.DNSName) + addresses


def _matches(name: str, address: str) -> bool:
    # RFC 6125 6.4.3: a star stands for exactly one label.
    if name.startswith("*."):
        return address.partition(".")[2].lower() == name[2:].lower()
    return name.lower() == address.lower()
