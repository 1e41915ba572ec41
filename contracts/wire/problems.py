"""Problems (RFC 9457): every error code there is, with its status and its title.

Problem
  status, code     what clients branch on; codes are stable
  detail           one sentence for a person
  errors           where several things are wrong: field, code, message
  extra            what a code carries besides, such as `conflicts`
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

# By code: the status, the title, and the title in pt-BR.
CODES: dict[str, tuple[int, str, str]] = {
    "malformed_json": (400, "The body is not valid JSON", "O corpo não é JSON válido"),
    "validation_failed": (400, "The request is not valid", "A requisição não é válida"),
    "unknown_field": (400, "A field is not known", "Há um campo desconhecido"),
    "naive_datetime": (400, "An instant has no offset", "Um instante está sem fuso"),
    "unknown_timezone": (400, "The time zone is not known", "O fuso horário é desconhecido"),
    "invalid_cursor": (400, "The cursor is not valid", "O cursor não é válido"),
    "invalid_idempotency_key": (400, "Idempotency-Key is not valid", "Idempotency-Key inválida"),
    "invalid_settings": (400, "The settings are not valid", "As configurações não são válidas"),
    "invalid_calendar": (400, "The calendar is not valid", "O calendário não é válido"),
    "invalid_schedule": (400, "The schedule is not valid", "A agenda não é válida"),
    "invalid_attributes": (400, "The attributes do not fit", "Os atributos não são válidos"),
    "invalid_password": (400, "The password is not accepted", "A senha não é aceita"),
    "invalid_template": (400, "The text cannot be used", "O texto não pode ser usado"),
    "invalid_slug": (400, "The slug is not valid", "O identificador não é válido"),
    "invalid_email": (400, "The e-mail address is not valid", "O e-mail não é válido"),
    "unknown_role": (400, "The role is not known", "O papel é desconhecido"),
    "unknown_permission": (400, "A permission is not known", "Há uma permissão desconhecida"),
    "tenant_required": (400, "X-Tenant-ID is required", "X-Tenant-ID é obrigatório"),
    "tenant_mismatch": (400, "Two organisations are named", "Duas organizações foram indicadas"),
    "invalid_interval": (400, "The end is not after the start", "O fim não é depois do início"),
    "in_the_past": (400, "The start lies in the past", "O início está no passado"),
    "too_soon": (400, "The start is too soon", "O início está próximo demais"),
    "too_far_ahead": (400, "The start is too far ahead", "O início está distante demais"),
    "duration_not_multiple": (
        400,
        "The duration is no multiple of the slot interval",
        "A duração não é múltipla do intervalo",
    ),
    "duration_out_of_bounds": (
        400,
        "The duration is out of bounds",
        "A duração está fora dos limites",
    ),
    "outside_business_hours": (
        400,
        "The time is outside the opening hours",
        "O horário está fora do expediente",
    ),
    "not_aligned": (400, "The start is not on the grid", "O início está fora da grade"),
    "resource_unavailable": (400, "The resource is not active", "O recurso não está ativo"),
    "capacity_exceeded": (400, "The quantity exceeds the capacity", "Excede a capacidade"),
    "quota_exceeded": (400, "The quota of bookings is used up", "A cota de reservas se esgotou"),
    "unknown_override": (400, "The rule cannot be overridden", "A regra não pode ser dispensada"),
    "cancellation_window_passed": (
        400,
        "It is too late to cancel",
        "O prazo para cancelar passou",
    ),
    "reschedule_window_passed": (400, "It is too late to move", "O prazo para remarcar passou"),
    "invalid_code": (400, "The code is not valid", "O código não é válido"),
    "use_cancel": (400, "Use the cancel call", "Use a chamada de cancelamento"),
    "use_email_change": (
        400,
        "Use the call for changing one's e-mail address",
        "Use a chamada de troca do próprio e-mail",
    ),
    "range_too_long": (400, "The range is too long", "O período é longo demais"),
    "unknown_type": (400, "The message type is not known", "Tipo de mensagem desconhecido"),
    "not_supported": (400, "This is not supported yet", "Isto ainda não é suportado"),
    "unauthorized": (401, "Sign in first", "Entre primeiro"),
    "invalid_credentials": (401, "The credentials are not valid", "Credenciais inválidas"),
    "invalid_token": (401, "The token is not valid", "O token não é válido"),
    "forbidden": (403, "This is not permitted", "Isto não é permitido"),
    "tenant_suspended": (403, "The organisation is suspended", "A organização está suspensa"),
    "not_found": (404, "There is no such thing", "Não encontrado"),
    "method_not_allowed": (405, "The method is not allowed", "Método não permitido"),
    "booking_conflict": (409, "The time is taken", "O horário está ocupado"),
    "not_booked": (
        409,
        "Not booked because of others in the batch",
        "Não reservado por causa de outros do lote",
    ),
    "hold_expired": (409, "The hold has run out", "A pré-reserva expirou"),
    "hold_limit_reached": (409, "The hold cannot be longer", "A pré-reserva atingiu o limite"),
    "invalid_transition": (409, "The status does not allow this", "O estado não permite isto"),
    "id_in_use": (409, "The id is in use", "O id já está em uso"),
    "slug_in_use": (409, "The slug is in use", "O identificador já está em uso"),
    "email_in_use": (409, "The e-mail address is in use", "O e-mail já está em uso"),
    "name_in_use": (409, "The name is in use", "O nome já está em uso"),
    "limit_reached": (409, "There are as many as can be", "O limite foi atingido"),
    "in_use": (409, "Other objects depend on this", "Outros objetos dependem deste"),
    "webhook_disabled": (409, "The webhook is disabled", "O webhook está desativado"),
    "has_future_bookings": (409, "There are future bookings", "Há reservas futuras"),
    "last_owner": (409, "The last owner must stay", "O último proprietário deve permanecer"),
    "erased": (409, "The person was erased", "A pessoa foi apagada"),
    "outcome_not_kept": (
        409,
        "What this came to is no longer kept",
        "O resultado já não é guardado",
    ),
    "not_deleted": (409, "The object is not deleted", "O objeto não está excluído"),
    "tenant_not_ready": (409, "The tenant is not ready", "A organização não está pronta"),
    "events_gone": (410, "These events are no longer kept", "Estes eventos já não são guardados"),
    "stale_version": (412, "The object has changed", "O objeto mudou"),
    "body_too_large": (413, "The body is too large", "O corpo é grande demais"),
    "unsupported_media_type": (415, "The media type is not accepted", "Tipo de mídia não aceito"),
    "idempotency_key_reused": (
        422,
        "The Idempotency-Key was used with another request",
        "A Idempotency-Key já foi usada com outra requisição",
    ),
    "head_too_large": (431, "The headers are too large", "Os cabeçalhos são grandes demais"),
    "rate_limited": (429, "Too many requests", "Requisições demais"),
    "internal_error": (500, "Something went wrong here", "Algo deu errado aqui"),
    "unavailable": (503, "A dependency is not available", "Uma dependência está indisponível"),
    "overloaded": (503, "Too much to do at once", "Há trabalho demais no momento"),
    "timeout": (503, "No answer in time", "Sem resposta a tempo"),
    "expired": (503, "The command expired before it ran", "O comando expirou antes de rodar"),
    "outcome_unknown": (504, "The outcome is not known", "O resultado é desconhecido"),
}

# Outcomes that a repetition gets again; everything else is decided anew (http-api.md, idempotency).
KEPT_STATUSES = frozenset({200, 201, 202, 204, 400, 404, 409})


class FieldError(BaseModel):
    """One of several things that are wrong; it may say more, such as which `occurrence`."""

    model_config = ConfigDict(frozen=True, extra="allow")

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """A refusal as it travels in a reply; the gateway adds type, title and the headers."""

    model_config = ConfigDict(frozen=True)

    code: str
    detail: str = ""
    errors: tuple[FieldError, ...] = ()
    extra: dict[str, Any] = {}

    @property
    def status(self) -> int:
        return CODES[self.code][0]

    def document(self, *, instance: str, trace_id: str, language: str = "en") -> dict[str, Any]:
        """The body of an `application/problem+json` answer."""
        status, title, title_pt = CODES[self.code]
        body: dict[str, Any] = {
            "type": f"urn:slotstream:problem:{self.code}",
            "title": title_pt if language.lower().startswith("pt") else title,
            "status": status,
            "detail": self.detail or title,
            "instance": instance,
            "code": self.code,
            "trace_id": trace_id,
        }
        if self.errors:
            body["errors"] = [error.model_dump() for error in self.errors]
        return {**body, **self.extra}

    def on_the_wire(self, trace_id: str) -> dict[str, Any]:
        """The same document in a reply, where there is no path that it could be an instance of."""
        document = self.document(instance="", trace_id=trace_id)
        del document["instance"]
        return document

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Problem":
        """The problem of a reply; a code of a later version is `internal_error`."""
        code = document.get("code")
        if code not in CODES:
            return cls(code="internal_error")
        return cls(
            code=code,
            detail=document.get("detail") or "",
            errors=tuple(FieldError.model_validate(one) for one in document.get("errors") or ()),
            extra={name: value for name, value in document.items() if name not in _OWN_MEMBERS},
        )


_OWN_MEMBERS = frozenset(
    {"type", "title", "status", "detail", "instance", "code", "trace_id", "errors"}
)
# Whoever sends nonsense by the thousand is not answered in megabytes.
MOST_FIELD_ERRORS = 50
_LONGEST_STEP = 128
_OWN_CODES = {"extra_forbidden": "unknown_field", "missing": "missing_field"}
_LEADING = ("unknown_field", "naive_datetime", "unknown_timezone")


def problem_of(failure: ValidationError) -> Problem:
    """What Pydantic found, in this API's words; never with the value that was refused. Of very
    many errors the first are listed, that which gives the problem its code among them."""
    found = failure.errors(include_url=False, include_context=False, include_input=False)
    kinds = [one["type"] for one in found]
    if "json_invalid" in kinds or "json_type" in kinds:
        return Problem(code="malformed_json", detail="The body is not valid JSON.")
    codes = [_code(kind) for kind in kinds]
    leading = next((codes.index(name) for name in _LEADING if name in codes), None)
    shown = list(range(min(len(found), MOST_FIELD_ERRORS)))
    if leading is not None and leading not in shown:
        shown = [leading, *shown[:-1]]
    errors = tuple(
        FieldError(field=_path(found[n]["loc"]), code=codes[n], message=found[n]["msg"])
        for n in shown
    )
    told = errors[:3] if leading is None else errors[shown.index(leading) :][:1]
    detail = "; ".join(f"{error.field or 'body'}: {error.message}" for error in told)
    if len(found) > len(shown):
        detail = f"{detail}; {len(found)} errors in all"
    code = "validation_failed" if leading is None else codes[leading]
    return Problem(code=code, detail=detail, errors=errors)


def _code(kind: str) -> str:
    own = _OWN_CODES.get(kind)
    return own or (kind if kind in _CUSTOM or kind in CODES else "invalid_value")


_CUSTOM = frozenset(
    {
        "naive_datetime",
        "unknown_timezone",
        "year_out_of_range",
        "control_character",
        "invalid_datetime",
        "invalid_time",
        "too_many_attributes",
        "too_deep",
        "number_out_of_range",
        "one_of",
    }
)


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(step)[:_LONGEST_STEP] for step in location)
