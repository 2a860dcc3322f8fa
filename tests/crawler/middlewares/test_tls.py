from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.crawler.middlewares.crawling import crawl
from tests.mockserver import MockServer

pytestmark = pytest.mark.asyncio


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return a server's context with a certificate that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "outlet.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "site.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused(web: MockServer, tmp_path: Path) -> None:
    """Not even robots.txt is believed over such a connection, and it is tried once."""
    site = web.site(tls=self_signed(tmp_path))
    outcome = await crawl(tmp_path, [site.url("/page/1")])
    assert list(outcome.reasons.values()) == ["tls"]
    assert site.asked == []
    assert "retry/count" not in outcome.stats


async def test_a_source_may_be_excepted(web: MockServer, tmp_path: Path) -> None:
    site = web.site(tls=self_signed(tmp_path))
    outcome = await crawl(tmp_path, [site.url("/page/1")], DOWNLOAD_VERIFY_CERTIFICATES=False)
    assert list(outcome.pages) == [site.url("/page/1")]
