"""One request to an ASGI application, without a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

from tests.corpus.http_call import HttpCall

Message: TypeAlias = MutableMapping[str, Any]
Application: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an application answers; headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def ask(application: Application, call: HttpCall) -> Answer:
    """Put one request to an application and return its answer."""
    sent: list[Message] = []
    bodies = iter([{"type": "http.request", "body": call.body, "more_body": False}])

    async def receive() -> Message:
        return next(bodies, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    await application(scope_of(call), receive, send)
    start, *rest = sent
    headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(one.get("body", b"") for one in rest))


def scope_of(call: HttpCall) -> Message:
    """Return the ASGI scope of a request, as servers make it."""
    headers = {"host": "127.0.0.1"} | dict(call.headers)
    if call.body:
        headers["content-length"] = str(len(call.body))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": call.method,
        "scheme": "http",
        "path": unquote(call.path),
        "raw_path": call.path.encode("ascii"),
        "query_string": call.query.encode("ascii"),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
        "state": {},
    }
