"""A real SMTP server in the test's own loop, which takes or refuses what it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "post", "p@ss/word"


@dataclass
class MailServer:
    """`answers` are given to the next mails, in order; then everything is taken. `recipients`
    are the answers to addresses."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    recipients: dict[str, str] = field(default_factory=dict)
    envelopes: list[Any] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answers:
            answer = self.answers.pop(0)
            if not answer.startswith("250"):
                return answer
        self.envelopes.append(envelope)
        message = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        self.taken.append(message)
        return "250 OK"


def _authenticated(_s: Any, _session: Any, _e: Any, _mechanism: Any, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mail_server(
    *, context: ssl.SSLContext | None = None, from_the_start: bool = False, signed_in: bool = False
) -> AsyncIterator[MailServer]:
    """Serves as long as the block lasts; with a context by STARTTLS, or from the first byte."""
    found = MailServer()
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            found,
            loop=loop,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            tls_context=None if from_the_start else context,
            require_starttls=context is not None and not from_the_start,
            auth_required=signed_in,
            # Of the TLS below it the protocol does not know.
            auth_require_tls=not from_the_start,
            authenticator=_authenticated,
        )

    server = await loop.create_server(
        protocol, "127.0.0.1", 0, ssl=context if from_the_start else None
    )
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for 127.0.0.1, and the file that a client has to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "trusted.pem", folder / "key.pem"
    trusted.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return context, trusted
