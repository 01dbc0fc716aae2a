"""`python -m madoguchi.gate` as it is started in life: stops cleanly, says what is wrong, speaks TLS."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

pytestmark = pytest.mark.contract


def start(home: Path, port: int, **more: str) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MADOGUCHI_")}
    environment |= {"MADOGUCHI_HOME": str(home), "MADOGUCHI_HTTP_PORT": str(port), **more}
    return subprocess.Popen(
        [sys.executable, "-m", "madoguchi.gate"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def port(free_ports: Callable[[int], int]) -> int:
    return free_ports(1)


def healthy(url: str, context: ssl.SSLContext | None = None) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{url}/gate/healthz", context=context, timeout=2) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the gate does not answer")


def test_it_stops_cleanly_when_asked_to(tmp_path: Path, port: int) -> None:
    process = start(tmp_path, port)
    try:
        assert healthy(f"http://127.0.0.1:{port}") == "ok"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(tmp_path, taken.getsockname()[1])
        _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "http_port" in said.decode()
    assert "Traceback" not in said.decode()


def test_with_a_certificate_it_speaks_tls(tmp_path: Path, port: int) -> None:
    certificate, key = _certificate(tmp_path)
    process = start(
        tmp_path / "home",
        port,
        MADOGUCHI_TLS_CERTIFICATE=str(certificate),
        MADOGUCHI_TLS_KEY=str(key),
    )
    try:
        assert healthy(f"https://localhost:{port}", ssl.create_default_context(cafile=certificate)) == "ok"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_broken_certificate_is_said_plainly(tmp_path: Path, port: int) -> None:
    certificate, key = _certificate(tmp_path)
    certificate.write_text("no certificate")
    process = start(
        tmp_path / "home",
        port,
        MADOGUCHI_TLS_CERTIFICATE=str(certificate),
        MADOGUCHI_TLS_KEY=str(key),
    )
    _, said = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "TLS" in said.decode()
    assert "Traceback" not in said.decode()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, key_file = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, key_file
