"""Portuguese as in Brazil. Tenants bring words of either gender: none stands with an article."""

from handlers.subscribers.notifications.wording import Template, Wording

_HELLO = "Olá, {{ recipient.name }},"
_PLACE = "{{ booking.resource }}, {{ booking.when }}"
_DETAILS = """{{ label.resource }}: {{ booking.resource }}
Quando: {{ booking.when }}"""

PORTUGUESE = Wording(
    labels={"booking": "Reserva", "resource": "Recurso"},
    statuses={
        "held": "em espera",
        "pending": "aguardando aprovação",
        "confirmed": "confirmação feita",
        "checked_in": "chegada registrada",
        "completed": "atendimento concluído",
        "cancelled": "cancelamento feito",
        "rejected": "pedido recusado",
        "no_show": "ausência registrada",
        "expired": "prazo vencido",
    },
    templates={
        "password_reset": Template(
            "Nova senha em {{ tenant.name }}",
            f"""{_HELLO}

com este código você pode definir uma nova senha:

{{{{ code }}}}

Ele vale até {{{{ expires }}}}. Se você não fez este pedido, não precisa fazer nada.""",
        ),
        "registration": Template(
            "Confirme seu cadastro em {{ tenant.name }}",
            f"""{_HELLO}

com este código você confirma seu cadastro:

{{{{ code }}}}

Ele vale até {{{{ expires }}}}. Se você não se cadastrou, não precisa fazer nada.""",
        ),
        "already_registered": Template(
            "Você já tem cadastro em {{ tenant.name }}",
            f"""{_HELLO}

alguém, provavelmente você, quis usar este endereço em uma conta. Você já tem uma: entre, ou peça \
uma nova senha.""",
        ),
        "webhook_disabled": Template(
            "{{ tenant.name }}: webhooks para {{ about }} foram desligados",
            f"""{_HELLO}

o endereço em {{{{ about }}}} não aceitou o que lhe foi enviado, por dias ou em definitivo, e nada \
mais é enviado para lá. Corrija, ligue de novo e peça o reenvio do que faltou.""",
        ),
        "email_change": Template(
            "Confirme seu novo endereço em {{ tenant.name }}",
            f"""{_HELLO}

com este código você confirma este endereço para a sua conta:

{{{{ code }}}}

Ele vale até {{{{ expires }}}}. Se você não fez este pedido, não precisa fazer nada.""",
        ),
        "email_changed": Template(
            "Seu endereço em {{ tenant.name }} foi trocado",
            f"""{_HELLO}

sua conta tem agora outro endereço de e-mail, e nada mais é enviado para este. Se não foi você \
quem fez a troca, avise-nos imediatamente.""",
        ),
        "booking.created": Template(
            "{{ label.booking }}: {{ booking.date }}, {{ booking.starts }} ({{ booking.status }})",
            f"""{_HELLO}

{{{{ label.booking }}}}: {{{{ booking.status }}}}.

{_DETAILS}""",
        ),
        "booking.moved": Template(
            "{{ label.booking }}, novo horário: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

há um novo horário ou lugar.

{_DETAILS}{{% if before.when %}}
Antes: {{{{ before.when }}}}{{% endif %}}""",
        ),
        "booking.cancelled": Template(
            "{{ label.booking }}, cancelamento: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

houve um cancelamento:

{_DETAILS}""",
        ),
        "booking.status_changed": Template(
            "{{ label.booking }}, {{ booking.date }}, {{ booking.starts }}: {{ booking.status }}",
            f"""{_HELLO}

{{{{ label.booking }}}}, nova situação: {{{{ booking.status }}}}.

{_DETAILS}""",
        ),
        "booking.hold_expired": Template(
            "{{ label.booking }} sem confirmação: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

não houve confirmação a tempo, e o lugar está livre de novo:

{_DETAILS}""",
        ),
        "booking.reminder": Template(
            "Lembrete: {{ label.booking }}, {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

falta pouco para:

{_DETAILS}""",
        ),
        "waitlist.offered": Template(
            "Há uma vaga: {{ booking.date }}, {{ booking.starts }}",
            f"""{_HELLO}

há uma vaga que você esperava. Ela fica guardada para você até {{{{ expires }}}}.

{_DETAILS}""",
        ),
    },
    short={
        "booking.created": "{{ label.booking }}, {{ booking.status }}: " + _PLACE + ".",
        "booking.moved": "{{ label.booking }}, novo horário ou lugar: " + _PLACE + ".",
        "booking.cancelled": "{{ label.booking }}, cancelamento: " + _PLACE + ".",
        "booking.status_changed": "{{ label.booking }}, nova situação, {{ booking.status }}: "
        + _PLACE
        + ".",
        "booking.hold_expired": "{{ label.booking }} sem confirmação a tempo: " + _PLACE + ".",
        "booking.reminder": "Lembrete, {{ label.booking }}: " + _PLACE + ".",
        "waitlist.offered": "Há uma vaga: "
        + _PLACE
        + ". Ela fica guardada para você até {{ expires }}.",
    },
)
