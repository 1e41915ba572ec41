"""Spanish. Tenants bring words of either gender: none stands with an article."""

from handlers.subscribers.notifications.wording import Template, Wording

_HELLO = "Hola, {{ recipient.name }}:"
_PLACE = "{{ booking.resource }}, {{ booking.when }}"
_DETAILS = """{{ label.resource }}: {{ booking.resource }}
Cuándo: {{ booking.when }}"""

SPANISH = Wording(
    labels={"booking": "Reserva", "resource": "Recurso"},
    statuses={
        "held": "en espera",
        "pending": "pendiente de aprobación",
        "confirmed": "confirmación hecha",
        "checked_in": "llegada registrada",
        "completed": "atención terminada",
        "cancelled": "cancelación hecha",
        "rejected": "solicitud rechazada",
        "no_show": "ausencia registrada",
        "expired": "plazo vencido",
    },
    templates={
        "password_reset": Template(
            "Nueva contraseña en {{ tenant.name }}",
            f"""{_HELLO}

con este código puede definir una nueva contraseña:

{{{{ code }}}}

Vale hasta {{{{ expires }}}}. Si no la ha pedido, no tiene que hacer nada.""",
        ),
        "registration": Template(
            "Confirme su registro en {{ tenant.name }}",
            f"""{_HELLO}

con este código confirma su registro:

{{{{ code }}}}

Vale hasta {{{{ expires }}}}. Si no se ha registrado, no tiene que hacer nada.""",
        ),
        "already_registered": Template(
            "Ya tiene una cuenta en {{ tenant.name }}",
            f"""{_HELLO}

alguien, probablemente usted, quiso usar esta dirección en una cuenta. Ya tiene una: inicie \
sesión, o pida una nueva contraseña.""",
        ),
        "webhook_disabled": Template(
            "{{ tenant.name }}: los webhooks a {{ about }} se han desactivado",
            f"""{_HELLO}

el destino en {{{{ about }}}} no ha aceptado lo que se le envió, durante días o ya para siempre, \
y no se le envía nada más. Corríjalo, actívelo de nuevo y pida el reenvío de lo que falta.""",
        ),
        "email_change": Template(
            "Confirme su nueva dirección en {{ tenant.name }}",
            f"""{_HELLO}

con este código confirma esta dirección para su cuenta:

{{{{ code }}}}

Vale hasta {{{{ expires }}}}. Si no lo ha pedido, no tiene que hacer nada.""",
        ),
        "email_changed": Template(
            "Su dirección en {{ tenant.name }} ha cambiado",
            f"""{_HELLO}

su cuenta tiene ahora otra dirección de correo, y a esta no se le envía nada más. Si no la ha \
cambiado usted, avísenos de inmediato.""",
        ),
        "booking.created": Template(
            "{{ label.booking }}: {{ booking.date }}, {{ booking.starts }} ({{ booking.status }})",
            f"""{_HELLO}

{{{{ label.booking }}}}: {{{{ booking.status }}}}.

{_DETAILS}""",
        ),
        "booking.moved": Template(
            "{{ label.booking }}, nuevo horario: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

hay un nuevo horario o lugar.

{_DETAILS}{{% if before.when %}}
Antes: {{{{ before.when }}}}{{% endif %}}""",
        ),
        "booking.cancelled": Template(
            "{{ label.booking }}, cancelación: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

hubo una cancelación:

{_DETAILS}""",
        ),
        "booking.status_changed": Template(
            "{{ label.booking }}, {{ booking.date }}, {{ booking.starts }}: {{ booking.status }}",
            f"""{_HELLO}

{{{{ label.booking }}}}, nuevo estado: {{{{ booking.status }}}}.

{_DETAILS}""",
        ),
        "booking.hold_expired": Template(
            "{{ label.booking }} sin confirmar: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

no hubo confirmación a tiempo, y el lugar vuelve a estar libre:

{_DETAILS}""",
        ),
        "booking.reminder": Template(
            "Recordatorio: {{ label.booking }}, {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

falta poco para:

{_DETAILS}""",
        ),
        "waitlist.offered": Template(
            "Hay un lugar libre: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

hay un lugar libre que usted esperaba. Se le guarda hasta {{{{ expires }}}}.

{_DETAILS}""",
        ),
    },
    short={
        "booking.created": "{{ label.booking }}, {{ booking.status }}: " + _PLACE + ".",
        "booking.moved": "{{ label.booking }}, nuevo horario o lugar: " + _PLACE + ".",
        "booking.cancelled": "{{ label.booking }}, cancelación: " + _PLACE + ".",
        "booking.status_changed": "{{ label.booking }}, nuevo estado, {{ booking.status }}: "
        + _PLACE
        + ".",
        "booking.hold_expired": "{{ label.booking }} sin confirmación a tiempo: " + _PLACE + ".",
        "booking.reminder": "Recordatorio, {{ label.booking }}: " + _PLACE + ".",
        "waitlist.offered": "Hay un lugar: "
        + _PLACE
        + ". Queda guardado para usted hasta {{ expires }}.",
    },
)
