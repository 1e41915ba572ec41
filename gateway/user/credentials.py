"""`/auth/password/`, `/auth/email/` and `/auth/register`: passwords, one's own address, and
customers who sign up by themselves."""

from litestar import Controller, post

from contracts.user.credentials import (
    EmailChange,
    EmailConfirm,
    PasswordChange,
    PasswordForgot,
    PasswordReset,
    Register,
    RegisterConfirm,
)
from contracts.wire.strict import Command
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import carried_out, draw_up, hand_in, outcome, tell
from gateway.edge.parts import parts_of
from gateway.edge.sign_in import Reach
from gateway.edge.throttle import Guessed
from gateway.edge.visit import HttpRequest, visit_of


class CredentialsController(Controller):
    path = "/auth"
    tags = ("sign-in",)

    @post(
        "/password/change",
        operation_id="auth_change_password",
        summary="Change one's own password",
        status_code=200,
    )
    async def change(self, request: HttpRequest) -> HttpAnswer:
        return await _tell_with_password(request, PasswordChange)

    @post(
        "/password/forgot",
        operation_id="auth_forgot_password",
        summary="Ask for a code by mail",
        status_code=202,
    )
    async def forgot(self, request: HttpRequest) -> HttpAnswer:
        return await hand_in(request, PasswordForgot)

    @post(
        "/password/reset",
        operation_id="auth_reset_password",
        summary="Set a new password with the code",
        status_code=204,
    )
    async def reset(self, request: HttpRequest) -> NoContent:
        return await tell(request, PasswordReset, reach=Reach.ANYBODY, creates=True)

    @post(
        "/email/change",
        operation_id="auth_change_email",
        summary="Ask for another e-mail address of one's own",
        status_code=204,
    )
    async def change_email(self, request: HttpRequest) -> NoContent:
        return await _tell_with_password(request, EmailChange)

    @post(
        "/email/confirm",
        operation_id="auth_confirm_email",
        summary="Confirm one's new e-mail address with the code",
        status_code=204,
    )
    async def confirm_email(self, request: HttpRequest) -> NoContent:
        return await tell(request, EmailConfirm, reach=Reach.OWN, creates=True)

    @post(
        "/register",
        operation_id="auth_register",
        summary="Sign up as a customer",
        status_code=202,
    )
    async def register(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, Register, reach=Reach.ANYBODY, creates=True)

    @post(
        "/register/confirm",
        operation_id="auth_confirm_registration",
        summary="Confirm the address with the code",
        status_code=202,
    )
    async def confirm(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, RegisterConfirm, reach=Reach.ANYBODY, creates=True)


async def _tell_with_password(request: HttpRequest, command: type[Command]) -> HttpAnswer:
    """Has a command carried out that the caller's current password admits: a wrong one counts as a
    guess, and so its outcome is waited for, whatever Prefer says."""
    order, _ = await draw_up(request, command, reach=Reach.OWN, creates=True, waits=True)
    parts, visit = parts_of(request), visit_of(request)
    async with parts.throttle.attempt(visit, Guessed.by_session(order.message)) as attempt:
        attempt.reply = await carried_out(parts, order)
    return outcome(attempt.reply, order, visit)
