"""`/operations/{context}/{id}`: the outcome of a command, for whoever sent it."""

from litestar import Controller, get
from litestar.params import FromPath

from contracts.wire.operations import OperationGet
from contracts.wire.streams import CARRYING_OUT
from gateway.edge.answers import HttpAnswer
from gateway.edge.asking import ask
from gateway.edge.problems import refused
from gateway.edge.sign_in import Reach
from gateway.edge.visit import HttpRequest


class OperationController(Controller):
    path = "/operations"
    tags = ("operations",)

    @get(
        "/{context:str}/{operation_id:str}",
        operation_id="operation_get",
        summary="Read the outcome of a command",
    )
    async def read(
        self, request: HttpRequest, context: FromPath[str], operation_id: FromPath[str]
    ) -> HttpAnswer:
        if context not in CARRYING_OUT:
            raise refused("not_found")
        return await ask(
            request, OperationGet, reach=Reach.NAMED, context=context, operation_id=operation_id
        )
