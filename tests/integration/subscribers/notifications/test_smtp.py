"""SMTP as it is spoken to a real server: what is sent, and what its refusals mean."""

from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest

from handlers.subscribers.notifications.delivering import Postponed, Refused, Sent
from handlers.subscribers.notifications.smtp import Smtp, SmtpServer
from tests.integration.subscribers.notifications.mail_server import (
    PASSWORD,
    USER,
    certificate,
    mail_server,
)

CREDENTIALS = f"{USER}:{quote(PASSWORD, safe='')}@"


def a_mail(to: str = "ana@salon.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "no-reply@salon.example", to, "Olá"
    message["Message-ID"] = "<1@salon.example>"
    message.set_content("Até amanhã")
    return message


def by(port: int, scheme: str = "smtp+plain", credentials: str = "") -> Smtp:
    return Smtp(SmtpServer.read(f"{scheme}://{credentials}127.0.0.1:{port}"), 5)


async def test_a_mail_is_taken_as_it_was_written() -> None:
    """Subject, text and Message-ID arrive, at the one recipient that was named."""
    async with mail_server() as server:
        assert await by(server.port).send(a_mail(), "bia@salon.example") == Sent()
    (taken,), (envelope,) = server.taken, server.envelopes
    assert (taken["Subject"], taken["Message-ID"]) == ("Olá", "<1@salon.example>")
    assert taken.get_content().strip() == "Até amanhã"
    assert envelope.rcpt_tos == ["bia@salon.example"]


async def test_an_address_of_other_letters_is_written_to() -> None:
    """A local part that is no ASCII is sent by SMTPUTF8."""
    async with mail_server() as server:
        address = "josé@salon.example"
        assert await by(server.port).send(a_mail(address), address) == Sent()
    assert server.envelopes[0].rcpt_tos == [address]


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [
        ("451 try later", Postponed("smtp_451")),
        ("452 full", Postponed("smtp_452")),
        ("550 no such box", Refused("smtp_550")),
        ("554 no", Refused("smtp_554")),
    ],
)
async def test_4yz_may_pass_and_5yz_does_not(answer: str, becomes: Postponed | Refused) -> None:
    """Of the text as of the recipient."""
    async with mail_server() as server:
        server.answers = [answer]
        assert await by(server.port).send(a_mail(), "ana@salon.example") == becomes
        server.recipients = {"ana@salon.example": answer}
        assert await by(server.port).send(a_mail(), "ana@salon.example") == becomes
    assert server.taken == []


async def test_a_server_that_is_away_is_tried_again() -> None:
    """Nobody listens: that is not the mail's fault."""
    async with mail_server() as server:
        port = server.port
    assert await by(port).send(a_mail(), "ana@salon.example") == Postponed("smtp_unreachable")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(("scheme", "from_the_start"), [("smtps", True), ("smtp", False)])
async def test_tls(
    scheme: str, from_the_start: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`smtps` speaks TLS at once and `smtp` by STARTTLS, and the password is the server's to
    check."""
    context, trusted = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with mail_server(
        context=context, from_the_start=from_the_start, signed_in=True
    ) as server:
        right, wrong = (by(server.port, scheme, who) for who in (CREDENTIALS, f"{USER}:wrong@"))
        assert await right.send(a_mail(), "ana@salon.example") == Sent()
        assert await wrong.send(a_mail(), "ana@salon.example") == Postponed("smtp_535")
    assert len(server.taken) == 1


async def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    """Nothing is sent to a server that may be anybody's."""
    context, _ = certificate(tmp_path)
    async with mail_server(context=context, signed_in=True) as server:
        smtp = by(server.port, "smtp", CREDENTIALS)
        assert await smtp.send(a_mail(), "ana@salon.example") == Postponed("smtp_unreachable")
    assert server.taken == []


async def test_a_password_does_not_leave_in_the_open() -> None:
    """Where the server offers no STARTTLS, a `smtp` URL with a password sends nothing."""
    async with mail_server() as server:
        smtp = by(server.port, "smtp", CREDENTIALS)
        assert isinstance(await smtp.send(a_mail(), "ana@salon.example"), Postponed)
        assert await by(server.port, "smtp").send(a_mail(), "ana@salon.example") == Sent()
    assert len(server.taken) == 1


@pytest.mark.parametrize("url", ["", "http://mail.test", "smtp://", "mail.test:25"])
def test_what_is_no_server(url: str) -> None:
    """A URL of another kind, or without a host, is refused when it is read."""
    with pytest.raises(ValueError, match="SMTP_URL begins with"):
        SmtpServer.read(url)
