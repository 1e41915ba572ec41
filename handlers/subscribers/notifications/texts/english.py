"""English."""

from handlers.subscribers.notifications.wording import Template, Wording

_HELLO = "Hello {{ recipient.name }},"
_PLACE = "{{ booking.resource }}, {{ booking.when }}"
_DETAILS = """{{ label.resource }}: {{ booking.resource }}
When: {{ booking.when }}"""

ENGLISH = Wording(
    labels={"booking": "Booking", "resource": "Resource"},
    statuses={
        "held": "held",
        "pending": "waiting for approval",
        "confirmed": "confirmed",
        "checked_in": "checked in",
        "completed": "completed",
        "cancelled": "cancelled",
        "rejected": "declined",
        "no_show": "missed",
        "expired": "expired",
    },
    templates={
        "password_reset": Template(
            "A new password at {{ tenant.name }}",
            f"""{_HELLO}

this code lets you choose a new password:

{{{{ code }}}}

It is valid until {{{{ expires }}}}. If you did not ask for it, there is nothing you need to do.""",
        ),
        "registration": Template(
            "Confirm your registration at {{ tenant.name }}",
            f"""{_HELLO}

this code confirms your registration:

{{{{ code }}}}

It is valid until {{{{ expires }}}}. If you did not register, there is nothing you need to do.""",
        ),
        "already_registered": Template(
            "You are registered at {{ tenant.name }} already",
            f"""{_HELLO}

somebody, probably you, wanted to have an account with this address. You have one already: sign \
in, or ask for a new password.""",
        ),
        "webhook_disabled": Template(
            "{{ tenant.name }}: webhooks to {{ about }} are switched off",
            f"""{_HELLO}

the endpoint at {{{{ about }}}} has not taken what was sent to it, for days or for good: nothing \
more is sent there. Mend it, switch it on again, and have redelivered what it missed.""",
        ),
        "email_change": Template(
            "Confirm your new address at {{ tenant.name }}",
            f"""{_HELLO}

this code confirms that your account is to have this address:

{{{{ code }}}}

It is valid until {{{{ expires }}}}. If you did not ask for it, there is nothing you need to do.""",
        ),
        "email_changed": Template(
            "Your address at {{ tenant.name }} was changed",
            f"""{_HELLO}

your account has another e-mail address now, and nothing more is sent to this one. If it was not \
you who changed it, tell us at once.""",
        ),
        "booking.created": Template(
            "{{ label.booking }}: {{ booking.date }}, {{ booking.starts }} ({{ booking.status }})",
            f"""{_HELLO}

{{{{ label.booking }}}}: {{{{ booking.status }}}}.

{_DETAILS}""",
        ),
        "booking.moved": Template(
            "{{ label.booking }} moved: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

there is a new time or place.

{_DETAILS}{{% if before.when %}}
Before: {{{{ before.when }}}}{{% endif %}}""",
        ),
        "booking.cancelled": Template(
            "{{ label.booking }} cancelled: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

this was cancelled:

{_DETAILS}""",
        ),
        "booking.status_changed": Template(
            "{{ label.booking }}, {{ booking.date }}, {{ booking.starts }}: {{ booking.status }}",
            f"""{_HELLO}

{{{{ label.booking }}}}: now {{{{ booking.status }}}}.

{_DETAILS}""",
        ),
        "booking.hold_expired": Template(
            "{{ label.booking }} not confirmed in time: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

this was not confirmed in time, and the place is free again:

{_DETAILS}""",
        ),
        "booking.reminder": Template(
            "Reminder: {{ label.booking }}, {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

this is coming up:

{_DETAILS}""",
        ),
        "waitlist.offered": Template(
            "A place has become free: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

a place that you are waiting for has become free. It is held for you until {{{{ expires }}}}.

{_DETAILS}""",
        ),
    },
    short={
        "booking.created": "{{ label.booking }} {{ booking.status }}: " + _PLACE + ".",
        "booking.moved": "{{ label.booking }}, new time or place: " + _PLACE + ".",
        "booking.cancelled": "{{ label.booking }} cancelled: " + _PLACE + ".",
        "booking.status_changed": "{{ label.booking }} is now {{ booking.status }}: "
        + _PLACE
        + ".",
        "booking.hold_expired": "{{ label.booking }} not confirmed in time: " + _PLACE + ".",
        "booking.reminder": "Reminder, {{ label.booking }}: " + _PLACE + ".",
        "waitlist.offered": "A place is free: "
        + _PLACE
        + ". It is kept for you until {{ expires }}.",
    },
)
