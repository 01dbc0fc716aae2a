"""Every way in which a certificate does not do is told apart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from madoguchi.program import certificate

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "madoguchi")])
    names = [x509.DNSName("madoguchi.example.jp"), x509.DNSName("*.centre.example.jp")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=60))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate_file.write_bytes(made.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_file, key_file


@pytest.mark.parametrize("address", ["madoguchi.example.jp", "tokyo.centre.example.jp", ""])
def test_a_good_one_gives_no_trouble(files: tuple[Path, Path], address: str) -> None:
    assert certificate.trouble(*files, address, NOW) is None


@pytest.mark.parametrize(
    ("days", "address", "words"),
    [
        (61, "", "ended on 2027-01-20"),
        (50, "", "ends soon"),
        (-31, "", "begins only on"),
        (0, "other.example.jp", "is not for other.example.jp but for madoguchi.example.jp"),
        (0, "a.b.centre.example.jp", "is not for a.b.centre"),
    ],
)
def test_what_is_wrong_is_said(files: tuple[Path, Path], days: int, address: str, words: str) -> None:
    assert words in (certificate.trouble(*files, address, NOW + timedelta(days=days)) or "")


def test_a_key_of_another_certificate_is_found_out(files: tuple[Path, Path], tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "other.pem").write_bytes(
        other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    assert "does not belong" in (certificate.trouble(files[0], tmp_path / "other.pem", "", NOW) or "")


def test_files_that_are_missing_or_no_pem_are_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    assert "cannot be read" in (certificate.trouble(tmp_path / "none.pem", files[1], "", NOW) or "")
    (tmp_path / "text.pem").write_text("hello")
    assert "not PEM" in (certificate.trouble(tmp_path / "text.pem", files[1], "", NOW) or "")
