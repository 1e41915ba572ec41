"""`/auth/`: signing in, staying signed in, signing out."""

from litestar import Controller, get, post

from contracts.user.commands import AuthLogout, AuthRefresh, AuthToken
from contracts.user.queries import AuthMe
from gateway.edge.answers import HttpAnswer, NoContent
from gateway.edge.asking import ask, carried_out, draw_up, outcome, tell
from gateway.edge.parts import parts_of
from gateway.edge.sign_in import Reach
from gateway.edge.throttle import Guessed
from gateway.edge.visit import HttpRequest, visit_of


class SignInController(Controller):
    path = "/auth"
    tags = ("sign-in",)

    @post("/token", operation_id="auth_token", summary="Sign in", status_code=200)
    async def token(self, request: HttpRequest) -> HttpAnswer:
        order, said = await draw_up(request, AuthToken, reach=Reach.ANYBODY, creates=True)
        parts, visit = parts_of(request), visit_of(request)
        guessed = Guessed.by_name(said.tenant or "", said.email)
        async with parts.throttle.attempt(visit, guessed) as attempt:
            attempt.reply = await carried_out(parts, order)
        return outcome(attempt.reply, order, visit)

    @post("/refresh", operation_id="auth_refresh", summary="Renew the tokens", status_code=200)
    async def refresh(self, request: HttpRequest) -> HttpAnswer:
        return await tell(request, AuthRefresh, reach=Reach.ANYBODY, creates=True)

    @post("/logout", operation_id="auth_logout", summary="Sign out", status_code=204)
    async def logout(self, request: HttpRequest) -> NoContent:
        return await tell(request, AuthLogout, reach=Reach.ANYBODY, creates=True)

    @get("/me", operation_id="auth_me", summary="Read who is signed in")
    async def me(self, request: HttpRequest) -> HttpAnswer:
        return await ask(request, AuthMe, reach=Reach.OWN)
