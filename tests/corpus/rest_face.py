"""The REST operations of a capability, called over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from naftiko_runtime.expose.rest.service import RestService
from naftiko_runtime.values import Json
from tests.corpus.asgi import ask
from tests.corpus.http_call import http_call
from tests.corpus.oracle.exposed import Unit
from tests.corpus.oracle.inputs import ExpectedInput
from tests.corpus.reply import Reply

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class RestFace:
    """The REST operations of a capability."""

    def __init__(self, service: RestService) -> None:
        self._service = service

    async def call(
        self, unit: Unit, inputs: Sequence[ExpectedInput], arguments: Mapping[str, Json]
    ) -> Reply:
        """Send the HTTP request that carries the arguments."""
        call = http_call(unit, inputs, arguments, readable=len(arguments) % 2 == 0)
        match = self._service.find(call.method, call.path)
        if match is None:
            return Reply(False, False, f"no route takes {call}")

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await self._service.answer(match, scope, receive, send)

        answer = await ask(application, call)
        text = f"{answer.status} {answer.body.decode()} for {call}"
        return Reply(answer.status == 200, answer.status == 400, text)

    def published(self, unit: Unit, name: str) -> str:
        """Return the name itself: HTTP takes any."""
        return name
