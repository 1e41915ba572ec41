"""A tenant's own texts: checked before they are kept, read by people from then on."""

import asyncio
from typing import Any, get_args

import orjson
import pytest

from contracts.subscriber import templates
from contracts.wire.saying import Language, Said, Template
from handlers.subscribers.notifications.checking import faults_of
from handlers.subscribers.notifications.choosing import installations
from tests.integration.desk import code_of
from tests.integration.subscribers.notifications.conftest import Office
from tests.integration.subscribers.notifications.diary import MOVED, Diary
from tests.integration.subscribers.notifications.test_saying import text_of
from tests.integration.user.people import OWNER, STAFF

KEY: dict[str, Any] = {"event": "booking.moved", "channel": "email", "locale": "pt-BR"}
TEXT: dict[str, Any] = {
    "subject": "Mudou: {{ booking.date }}",
    "body": "Oi {{ recipient.name | upper }}!",
}


@pytest.fixture
def diary(office: Office) -> Diary:
    return Diary(office)


async def ask(diary: Diary, message: Any, **fields: Any) -> Any:
    """The reply to the owner, who names the tenant where the message does."""
    if "tenant_id" in message.model_fields:
        fields["tenant_id"] = diary.tenant_id
    return await diary.office.desk.ask(message, diary.tenant_id, OWNER, **fields)


async def test_the_installations_texts_are_there(diary: Diary) -> None:
    """Every message in every language by mail, and what is said of bookings by SMS."""
    listed = await ask(diary, templates.TemplateList)
    views = [
        templates.TemplateView.model_validate_json(orjson.dumps(one))
        for one in listed.body["items"]
    ]
    languages = get_args(Language)
    assert len(views) == len(languages) * (len(get_args(Template)) + len(get_args(Said)))
    assert not any(one.own for one in views)
    one = await ask(diary, templates.TemplateGet, **KEY)
    assert one.body in listed.body["items"]
    assert (one.body["version"], one.body["updated_at"]) == (0, None)
    nothing = await ask(diary, templates.TemplateGet, **{**KEY, "channel": "sms"})
    assert nothing.body["subject"] is None
    reset_by_sms = {**KEY, "event": "password_reset", "channel": "sms"}
    for message in (templates.TemplateGet, templates.TemplateReset):
        assert code_of(await ask(diary, message, **reset_by_sms)) == (404, "not_found")
    answer = await ask(diary, templates.TemplateSet, **reset_by_sms, body="{{ code }}")
    assert code_of(answer) == (404, "not_found")


async def test_people_read_what_the_tenant_wrote(diary: Diary) -> None:
    """From then on, in that language and by that way; given up, the installation's again."""
    written = await ask(diary, templates.TemplateSet, **KEY, **TEXT)
    assert (written.status, written.body["own"], written.body["version"]) == (200, True, 1)
    mail = await diary.hear("booking.updated", **MOVED)
    assert mail is not None
    assert str(mail["Subject"]).startswith("Mudou: quarta-feira")
    assert text_of(mail).startswith("Oi BIA LOPES!")
    diary.office.owners.people[diary.ana]["locale"] = "en"
    english = await diary.hear("booking.updated", starts_at="2026-12-03T15:00:00Z")
    assert "BIA LOPES" not in text_of(english)

    diary.office.owners.people[diary.ana]["locale"] = "pt-BR"
    given_up = await ask(diary, templates.TemplateReset, **KEY)
    assert given_up.status == 204
    usual = await diary.hear("booking.updated", starts_at="2026-12-04T15:00:00Z")
    assert text_of(usual).startswith("Olá, Bia Lopes,")
    now = await ask(diary, templates.TemplateGet, **KEY)
    assert (now.body["own"], now.body["version"]) == (False, 2)


async def test_without_a_subject_it_is_the_installations(diary: Diary) -> None:
    """Whoever writes only the body keeps the subject."""
    await ask(diary, templates.TemplateSet, **KEY, body="Curto.")
    mail = await diary.hear("booking.updated", **MOVED)
    assert mail is not None
    assert "novo horário" in str(mail["Subject"])
    assert text_of(mail).startswith("Curto.")


async def test_another_tenant_reads_nothing_of_it(diary: Diary, office: Office) -> None:
    """Texts are the tenant's own, and named by no other."""
    await ask(diary, templates.TemplateSet, **KEY, **TEXT)
    other = Diary(office)
    mail = await other.hear("booking.updated", **MOVED)
    assert "BIA LOPES" not in text_of(mail)
    stolen = await office.desk.ask(
        templates.TemplateSet, other.tenant_id, OWNER, tenant_id=diary.tenant_id, **KEY, **TEXT
    )
    assert code_of(stolen) == (404, "not_found")


async def test_a_change_is_told_without_the_words(diary: Diary) -> None:
    """One event for each change, none for saying the same again, and no version is passed over."""
    await ask(diary, templates.TemplateSet, **KEY, **TEXT)
    again = await ask(diary, templates.TemplateSet, **KEY, **TEXT)
    stale = await ask(diary, templates.TemplateSet, **KEY, body="Novo", expected_version=7)
    await ask(diary, templates.TemplateReset, **KEY)
    await ask(diary, templates.TemplateReset, **KEY)
    assert (again.status, again.body["version"]) == (200, 1)
    assert code_of(stale) == (412, "stale_version")
    rows = await diary.office.desk.rows(
        "SELECT type, sequence, stream, fields::text FROM outbox WHERE tenant_id = :it ORDER BY id",
        it=diary.tenant_id,
    )
    assert [tuple(row)[:3] for row in rows] == [
        ("notification_template.updated", 1, "webhook.events"),
        ("notification_template.removed", 2, "webhook.events"),
    ]
    assert not any("recipient" in row[3] for row in rows)


async def test_staff_write_no_texts(diary: Diary) -> None:
    """What people are told in a tenant's name is for those who may change the tenant."""
    fields: dict[str, Any] = {"tenant_id": diary.tenant_id, **KEY}
    for message in (templates.TemplateSet, templates.TemplatePreview, templates.TemplateReset):
        more: dict[str, Any] = {"body": "x"} if message is templates.TemplateSet else {}
        reply = await diary.office.desk.ask(message, diary.tenant_id, STAFF, **fields, **more)
        assert code_of(reply)[0] == 403


WRONG = {
    "{{ booking.when": "invalid_syntax",
    "{% if booking.when %}": "invalid_syntax",
    "{{ booking.price }}": "unknown_variable",
    "{{ code }}": "unknown_variable",
    "{{ recipient }}": "unknown_variable",
    "{{ self }}": "unknown_variable",
    "{{ ''.__class__ }}": "not_allowed",
    "{{ booking.when.__class__ }}": "unknown_variable",
    "{{ booking['when'] }}": "not_allowed",
    "{{ booking.when | replace('a', 'b') }}": "not_allowed",
    "{{ booking.when | center(99999999) }}": "not_allowed",
    "{{ 'a' * 999999999 }}": "not_allowed",
    "{{ range(10) }}": "unknown_variable",
    "{{ booking.when() }}": "not_allowed",
    "{% for x in booking.when %}{{ x }}{% endfor %}": "not_allowed",
    "{% set x = 1 %}": "not_allowed",
    "{% include 'x' %}": "not_allowed",
    "{% macro m() %}{% endmacro %}": "not_allowed",
    "{{ booking.when ~ booking.when }}": "not_allowed",
    "{{ 2 ** 99999 }}": "not_allowed",
    "{{ [1] }}": "not_allowed",
    "{% if booking.quantity > '1' %}several{% endif %}": "not_allowed",
    "{% if booking.when >= 1 %}{% endif %}": "not_allowed",
    "{% if 'x' in booking.quantity %}{% endif %}": "not_allowed",
    "{% if 1 in booking.when %}{% endif %}": "not_allowed",
    "{% if 1 < booking.quantity < 'x' %}{% endif %}": "not_allowed",
    "{% if true < booking.quantity %}{% endif %}": "not_allowed",
    "{% if (booking.when or 1) > 1 %}{% endif %}": "not_allowed",
    "(" * 3 + "{{ " + "(" * 300 + "code" + ")" * 300 + " }}": "too_complex",
    "{{ " + "9" * 5_000 + " }}": "too_complex",
    "{% if " + " and ".join(["booking.id"] * 600) + " %}{% endif %}": "too_complex",
}
RIGHT = (
    "{% if booking.quantity > 1 %}{{ booking.quantity }} places{% endif %}",
    "{% if 1 <= booking.quantity <= 2.5 %}few{% endif %}",
    "{% if booking.status == 'x' or booking.quantity == 'x' %}x{% endif %}",
    "{% if 'Salon' in tenant.name and booking.when | lower < 'z' %}x{% endif %}",
    "{{ 'x' if booking.quantity | upper == '1' else booking.resource }}",
)


@pytest.mark.parametrize("body", RIGHT)
async def test_what_is_accepted_can_be_read(diary: Diary, body: str) -> None:
    """Whatever it is filled with: it is kept, and the preview shows what becomes of it."""
    for message in (templates.TemplatePreview, templates.TemplateSet):
        answer = await ask(diary, message, **KEY, body=body)
        assert answer.status == 200, answer


@pytest.mark.parametrize("body", WRONG, ids=lambda body: body[:40])
async def test_what_cannot_be_used_is_refused(diary: Diary, body: str) -> None:
    """With the field and why; the preview refuses the same, and nothing is kept."""
    answers = [
        await ask(diary, message, **KEY, body=body)
        for message in (templates.TemplateSet, templates.TemplatePreview)
    ]
    for answer in answers:
        assert code_of(answer) == (400, "invalid_template")
        codes = [one["code"] for one in answer.problem["errors"]]
        assert WRONG[body] in codes
        assert {one["field"] for one in answer.problem["errors"]} == {"body"}
    kept = await ask(diary, templates.TemplateGet, **KEY)
    assert kept.body["own"] is False


@pytest.mark.parametrize("event", ["password_reset", "registration", "email_change"])
def test_a_code_must_be_in_it(event: str) -> None:
    """A mail that asks for the code without saying it is of no use."""
    (fault,) = faults_of(event, None, "Hello {{ recipient.name }}")
    assert (fault.field, fault.code) == ("body", "variable_missing")
    assert faults_of(event, None, "{% if code %}{{ code }}{% endif %}") == []


@pytest.mark.parametrize("language", get_args(Language))
def test_the_installations_texts_could_be_a_tenants(language: str) -> None:
    """What is there to be changed is accepted as it stands."""
    for channel in ("email", "sms"):
        for event in get_args(Template):
            text = installations(event, channel, language)
            if text is not None:
                assert faults_of(event, text.subject or None, text.body) == [], event


@pytest.mark.parametrize("language", get_args(Language))
async def test_a_preview_is_what_would_be_read(diary: Diary, language: str) -> None:
    """Every message with made-up words, in the tenant's looks; nothing is kept, nobody is told."""
    for event in get_args(Template):
        for channel in ("email", "sms"):
            if installations(event, channel, language) is None:
                continue
            key = {"event": event, "channel": channel, "locale": language}
            shown = await ask(diary, templates.TemplatePreview, **key)
            assert shown.status == 200, (event, shown.problem)
            assert "{{" not in shown.body["text"]
            assert "Salão da Ana" in shown.body["text"]
            assert (shown.body["html"] is None) is (channel == "sms")
    new = {"subject": "{{ tenant.name }}!", "body": "<b>{{ booking.resource }}</b>"}
    shown = await ask(diary, templates.TemplatePreview, **{**KEY, "locale": language}, **new)
    assert shown.body["subject"] == "Salão da Ana!"
    assert "&lt;b&gt;" in shown.body["html"]
    assert await diary.office.states(diary.tenant_id) == []
    listed = await ask(diary, templates.TemplateList)
    assert not any(one["own"] for one in listed.body["items"])


async def test_an_sms_has_no_subject(diary: Diary) -> None:
    """Whoever gives one hears so; its text is the tenant's own."""
    key = {**KEY, "channel": "sms"}
    wrong = await ask(diary, templates.TemplateSet, **key, **TEXT)
    assert code_of(wrong) == (400, "invalid_template")
    right = await ask(diary, templates.TemplateSet, **key, body=TEXT["body"])
    assert (right.body["subject"], right.body["own"]) == (None, True)


async def test_two_who_write_at_once_come_one_after_the_other(diary: Diary) -> None:
    """Both are kept, one behind the other: no version is given twice."""
    texts = (f"Text {one}" for one in range(4))
    asked = (ask(diary, templates.TemplateSet, **KEY, body=body) for body in texts)
    replies = await asyncio.gather(*asked)
    assert sorted(one.body["version"] for one in replies) == [1, 2, 3, 4]
