"""From a template to what is read: subject, plain text, and the same text as HTML.

Templates run in a sandbox that reaches nothing but the values it is given. What comes out of them
is text and nothing else: the HTML is that text, escaped, in a layout of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from handlers.subscribers.notifications.texts.english import ENGLISH
from handlers.subscribers.notifications.texts.portuguese import PORTUGUESE
from handlers.subscribers.notifications.texts.spanish import SPANISH
from handlers.subscribers.notifications.wording import Template, Wording

WORDINGS: Mapping[str, Wording] = {"en": ENGLISH, "pt-BR": PORTUGUESE, "es": SPANISH}
SUBJECT_MOST = 200
# Of what a text becomes, so much is read: names and notes in it may be long.
TEXT_MOST = 50_000
# Ten parts of an SMS in another alphabet, which is what providers take at most.
SHORT_MOST = 670

_TEXT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_HTML = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
_LAYOUT = _HTML.from_string("""\
<!doctype html>
<html lang="{{ language }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:24px;font-family:sans-serif;line-height:1.5;color:#222222">
<div style="max-width:560px;margin:auto;border-top:4px solid {{ tenant.color }};padding-top:16px">
{% if tenant.logo_url %}\
<img src="{{ tenant.logo_url }}" alt="{{ tenant.name }}" style="max-height:64px">
{% else %}<strong>{{ tenant.name }}</strong>
{% endif %}\
{% for paragraph in paragraphs %}\
<p>{% for line in paragraph %}{{ line }}{% if not loop.last %}<br>{% endif %}{% endfor %}</p>
{% endfor %}\
<p style="color:#666666;font-size:small">\
{% for line in tenant.signature %}{{ line }}{% if not loop.last %}<br>{% endif %}{% endfor %}</p>
</div>
</body>
</html>
""")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is read."""

    subject: str
    text: str
    html: str


def rendered(template: Template, language: str, values: Mapping[str, Any]) -> Letter:
    """The template with these values; `values["tenant"]` brings the layout's, too."""
    subject = _TEXT.from_string(template.subject).render(values)
    body = _TEXT.from_string(template.body).render(values).strip()[:TEXT_MOST]
    paragraphs = [part.strip("\n").split("\n") for part in body.split("\n\n")]
    signature = "\n".join(values["tenant"]["signature"])
    html = _LAYOUT.render(language=language, tenant=values["tenant"], paragraphs=paragraphs)
    return Letter(
        # A header is one line, whatever a name has in it.
        subject=" ".join(subject.split())[:SUBJECT_MOST],
        text=f"{body}\n\n-- \n{signature}\n",
        html=html,
    )


def rendered_short(template: Template, values: Mapping[str, Any]) -> str:
    """The text of an SMS."""
    return _TEXT.from_string(template.body).render(values).strip()[:SHORT_MOST]
