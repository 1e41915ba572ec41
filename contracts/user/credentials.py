"""Commands about passwords and one's own address, and about customers who sign up by themselves."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from contracts.user.commands import Email, Locale, Password
from contracts.wire.strict import Command, Line, Name

Slug = Annotated[str, StringConstraints(max_length=200)]
Code = Annotated[str, StringConstraints(max_length=200)]


class _Credentials(Command):
    context: ClassVar[str] = "user"


class PasswordChange(_Credentials):
    """One's own; afterwards every session but a new one, which is the answer, is over."""

    type: ClassVar[str] = "auth.change_password"
    secret_fields: ClassVar[tuple[str, ...]] = ("current_password", "new_password")

    current_password: Annotated[str, StringConstraints(max_length=1000)]
    new_password: Password


class PasswordForgot(_Credentials):
    """Asks for a code by mail. `tenant` is the slug, null for platform administrators."""

    type: ClassVar[str] = "auth.forgot_password"
    before_sign_in: ClassVar[bool] = True
    mails: ClassVar[bool] = True
    secret_fields: ClassVar[tuple[str, ...]] = ("email",)

    tenant: Slug | None = None
    email: Annotated[str, StringConstraints(max_length=400)]


class PasswordReset(_Credentials):
    """Sets a password with the code from the mail; every session is over."""

    type: ClassVar[str] = "auth.reset_password"
    before_sign_in: ClassVar[bool] = True
    secret_fields: ClassVar[tuple[str, ...]] = ("code", "new_password")

    code: Code
    new_password: Password


class Register(_Credentials):
    """Asks for a code by mail, to become a customer where the tenant's `self_registration` allows
    it. `locale` is the language of the mail."""

    type: ClassVar[str] = "auth.register"
    before_sign_in: ClassVar[bool] = True
    mails: ClassVar[bool] = True
    secret_fields: ClassVar[tuple[str, ...]] = ("email", "locale")

    tenant: Slug
    email: Email
    locale: Locale | None = None


class RegisterConfirm(_Credentials):
    """With the code from the mail, the customer is there and can sign in. Who they are is said
    here, by whoever has the mail."""

    type: ClassVar[str] = "auth.confirm_registration"
    before_sign_in: ClassVar[bool] = True
    secret_fields: ClassVar[tuple[str, ...]] = ("code", "name", "password", "phone", "locale")

    code: Code
    name: Name
    password: Password
    phone: Line | None = None
    locale: Locale | None = None


class EmailChange(_Credentials):
    """One's own, which counts once the code that is mailed to it is given back."""

    type: ClassVar[str] = "auth.change_email"
    mails: ClassVar[bool] = True
    secret_fields: ClassVar[tuple[str, ...]] = ("email", "current_password")

    email: Email
    current_password: Annotated[str, StringConstraints(max_length=1000)]


class EmailConfirm(_Credentials):
    """With the code from the mail, the address is that of the account which asked for it."""

    type: ClassVar[str] = "auth.confirm_email"
    secret_fields: ClassVar[tuple[str, ...]] = ("code",)

    code: Code


COMMANDS: tuple[type[Command], ...] = (
    PasswordChange,
    PasswordForgot,
    PasswordReset,
    Register,
    RegisterConfirm,
    EmailChange,
    EmailConfirm,
)
