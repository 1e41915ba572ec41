"""nginx with a certificate: TLS is spoken, and plain HTTP leads there."""

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.composed import WITH_TLS, services
from tests.deploy.nginx import GENEROUS, Nginx

NOBODY = "127.0.0.1:9"


def self_signed() -> tuple[bytes, bytes]:
    """A certificate for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture(scope="module")
def certified() -> Iterator[Nginx]:
    """One that nobody stands behind."""
    with Nginx(NOBODY, files=WITH_TLS, certificate=self_signed()).running() as nginx:
        yield nginx


@pytest.fixture(scope="module")
def client(certified: Nginx) -> Iterator[httpx.Client]:
    """Trusts that certificate and no other."""
    trust = ssl.create_default_context(cafile=str(certified.folder / "tls" / "tls.crt"))
    with httpx.Client(verify=trust) as client:
        yield client


def test_configuration_is_accepted(certified: Nginx) -> None:
    """`nginx -t` finds nothing to say against it."""
    done = certified.check()
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_without_a_certificate() -> None:
    """Without a certificate it does not start, and says what is missing."""
    nginx = Nginx(NOBODY, files=WITH_TLS)
    done = nginx.check()
    nginx.remove()
    assert done.returncode != 0
    assert "tls/tls.crt" in done.stderr


def test_answers_over_tls(certified: Nginx, client: httpx.Client) -> None:
    """It speaks TLS with its certificate, and what it says itself keeps browsers to it."""
    answer = client.get(f"{certified.tls_address}/metrics")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_plain_http_leads_to_tls(certified: Nginx) -> None:
    """A plain request is sent to the same place by HTTPS, with its method; nothing is passed on."""
    path = "/resources/?q=chair"
    answer = httpx.post(f"{certified.address}{path}", headers={"Host": "book.example"}, json={})
    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://book.example{path}"


def test_plain_http_leads_to_the_port_that_is_published() -> None:
    """Where HTTPS has another port than its own, the way there names it."""
    told = {**GENEROUS, **_nginx_told(HTTPS_PORT="8443")}
    with Nginx(NOBODY, files=WITH_TLS, told=told, certificate=self_signed()).running() as nginx:
        answer = httpx.get(f"{nginx.address}/x", headers={"Host": "book.example:8080"})
    assert answer.headers["location"] == "https://book.example:8443/x"


def _nginx_told(**more: str) -> dict[str, str]:
    """What its container is told by way of `.env`, without where it listens inside."""
    found = services(names=WITH_TLS, more=tuple(more.items()))["nginx"]["environment"]
    return {name: value for name, value in found.items() if name.startswith("NGINX_PUBLIC")}


def test_old_versions_are_refused(certified: Nginx) -> None:
    """Nothing older than TLS 1.2 is spoken."""
    old = ssl.create_default_context(cafile=str(certified.folder / "tls" / "tls.crt"))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with httpx.Client(verify=old) as client, pytest.raises(httpx.ConnectError, match="PROTOCOL"):
        client.get(certified.tls_address)


def test_plain_http_on_the_port_of_tls(certified: Nginx) -> None:
    """Plain HTTP where TLS is spoken is a problem like any other."""
    answer = httpx.get(f"http://127.0.0.1:{certified.tls_port}/")
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")
