"""A tenant's own texts for what people are told, in place of the installation's."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, StringConstraints

from contracts.wire.saying import Channel, Language, Template
from contracts.wire.strict import Command, Id, Instant, Query, Strict, clean, one_line

Subject = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, strip_whitespace=True),
    AfterValidator(clean),
    AfterValidator(one_line),
]
Body = Annotated[
    str,
    StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True),
    AfterValidator(clean),
]


class _TemplateCommand(Command):
    context: ClassVar[str] = "notification"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:update",)

    tenant_id: Id
    event: Template
    channel: Channel
    locale: Language


class TemplateSet(_TemplateCommand):
    """`subject` is of a mail alone."""

    type: ClassVar[str] = "notification_template.set"

    subject: Subject | None = None
    body: Body


class TemplateReset(_TemplateCommand):
    """The installation's text again."""

    type: ClassVar[str] = "notification_template.reset"


class TemplatePreview(_TemplateCommand):
    """What would be read; nothing is kept. The tenant's present text where none is given."""

    type: ClassVar[str] = "notification_template.preview"

    subject: Subject | None = None
    body: Body | None = None


class TemplateGet(Query):
    type: ClassVar[str] = "notification_template.get"
    context: ClassVar[str] = "notification"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:update",)

    event: Template
    channel: Channel
    locale: Language


class TemplateList(Query):
    """Every text that there is, the tenant's own and the installation's."""

    type: ClassVar[str] = "notification_template.list"
    context: ClassVar[str] = "notification"
    permissions: ClassVar[tuple[str, ...]] = ("tenant:update",)


class TemplateView(Strict):
    """`own`: the tenant's; else the installation's. `variables` are what a text may name. `version`
    counts the tenant's changes."""

    event: Template
    channel: Channel
    locale: Language
    subject: str | None
    body: str
    own: bool
    variables: tuple[str, ...]
    version: int
    updated_at: Instant | None


class PreviewView(Strict):
    """As a reader would have it, with made-up words in the variables. Of an SMS the text alone."""

    subject: str | None
    text: str
    html: str | None


class TemplateEventState(Strict):
    """Which text is whose: what it says is asked for."""

    id: Id
    tenant_id: Id
    event: Template
    channel: Channel
    locale: Language
    own: bool
    version: int


COMMANDS: tuple[type[Command], ...] = (TemplateSet, TemplateReset, TemplatePreview)
QUERIES: tuple[type[Query], ...] = (TemplateGet, TemplateList)
EVENTS: dict[str, type[Strict]] = {
    "notification_template.updated": TemplateEventState,
    "notification_template.removed": TemplateEventState,
}
