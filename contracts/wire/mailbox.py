"""The mailbox of a development installation without a mail server: a stream of sealed mails."""

# Written by the postman, read by the gateway's /dev/mailbox; there is none in production.
MAILBOX = "dev.mailbox"
MAILBOX_KEPT_MS = 86_400_000
MAILBOX_MOST = 200
