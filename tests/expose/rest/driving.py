"""What the tests of the REST face share: small capabilities, and a caller without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import (
    Headers,
    UpstreamClient,
    UpstreamRequest,
    UpstreamResponse,
)
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.service import OnAnswer, RestService
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import Capability, RestPlan
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.values import Json
from tests.documents import load
from tests.timing import WITHOUT_PAUSES
from tests.upstreams import RecordingClient

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope

SEED = Path(__file__).parents[3] / "capabilities" / "modelsync.yaml"
KEY = {"POLYTOMIC_API_KEY": "s3cret"}


@dataclass(slots=True)
class Answered:
    """A response, as a caller sees it; no status where none came."""

    status: int | None
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def json(self) -> dict[str, Json]:
        """The body, which has to be a JSON object."""
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value

    @property
    def problems(self) -> dict[str, str]:
        """The details of the errors of a problem, by pointer."""
        assert self.status == 400, self.body
        return {one["pointer"]: one["detail"] for one in json.loads(self.body)["errors"]}


@dataclass(slots=True)
class Server:
    """A service, and a site behind it: requests go in, answers come out."""

    service: RestService
    client: RecordingClient = field(default_factory=RecordingClient)
    site: ASGIApp | None = None
    pieces_read: int = 0

    def ask(
        self,
        method: str,
        target: str,
        body: bytes | Sequence[bytes] = b"",
        headers: Mapping[str, str] | Headers = (),
        content_type: str | None = None,
    ) -> Answered:
        """Send one request, its body in one piece or in several, and return its answer."""
        pairs = list(_pairs(headers))
        if content_type is not None:
            pairs.append((b"content-type", content_type.encode()))
        pieces = [body] if isinstance(body, bytes) else [*body]
        messages: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
            for number, piece in enumerate(pieces, 1)
        ]
        return asyncio.run(self._ask(scope_of(method, target, pairs), messages))

    def leave(self, method: str, target: str) -> Answered:
        """Close the connection in the middle of the body."""
        messages: list[Message] = [
            {"type": "http.request", "body": b"{", "more_body": True},
            {"type": "http.disconnect"},
        ]
        return asyncio.run(self._ask(scope_of(method, target, []), messages))

    def stall(self, method: str, target: str) -> Answered:
        """Never send the body."""
        return asyncio.run(self._ask(scope_of(method, target, []), []))

    def answers(self, status: int, headers: Headers = (), body: bytes = b"") -> None:
        """Determine what upstream answers."""
        self.client.respond = lambda _: UpstreamResponse(status, headers, body)

    def fails(self, failure: Exception) -> None:
        """Determine how upstream fails."""

        def fail(_: UpstreamRequest) -> UpstreamResponse:
            raise failure

        self.client.respond = fail

    @property
    def request(self) -> UpstreamRequest:
        """The only request that upstream got."""
        (one,) = self.client.requests
        return one

    @property
    def sent_json(self) -> Json:
        """The body of the only request."""
        assert self.request.body is not None
        value: Json = json.loads(self.request.body)
        return value

    def sent_header(self, name: str) -> str | None:
        """Return a header of the only request."""
        value = dict(self.request.headers).get(name.encode())
        return value.decode() if value is not None else None

    async def _ask(self, scope: Scope, messages: list[Message]) -> Answered:
        sent: list[Message] = []

        async def receive() -> Message:
            self.pieces_read += 1
            if not messages:
                await asyncio.Event().wait()
            return messages.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        match = self.service.find(scope["method"], scope["raw_path"].decode("latin-1"))
        if match is not None:
            await self.service.answer(match, scope, receive, send)
        else:
            assert self.site is not None, f"no route for {scope['path']}"
            await self.site(scope, receive, send)
        return _answered(sent)


def scope_of(method: str, target: str, headers: list[tuple[bytes, bytes]]) -> Scope:
    """Return the ASGI scope of a request."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": headers,
        "root_path": "",
    }


def _pairs(headers: Mapping[str, str] | Headers) -> Iterable[tuple[bytes, bytes]]:
    if isinstance(headers, Mapping):
        return ((name.lower().encode(), value.encode()) for name, value in headers.items())
    return headers


def _answered(sent: list[Message]) -> Answered:
    if not sent:
        return Answered(None, [], b"")
    start, *bodies = sent
    headers = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]]
    return Answered(start["status"], headers, b"".join(one["body"] for one in bodies))


def seed(environment: Mapping[str, str] = KEY) -> Capability:
    """Return the Polytomic capability."""
    loaded = load_capability(SEED, LoadOptions(environment))
    assert loaded.capability is not None
    return loaded.capability


def serve(
    *plans: RestPlan,
    limits: Limits | None = None,
    on_answer: OnAnswer | None = None,
    site: ASGIApp | None = None,
    identity: UpstreamClient | None = None,
) -> Server:
    """Return a server of these adapters.

    Args:
        plans: The adapters.
        limits: What callers may ask.
        on_answer: Told of every answer.
        site: Answers where no route does.
        identity: Carries requests to authorization servers.
    """
    client = RecordingClient()
    callers = Callers(identity or RecordingClient())
    engine = Engine(client, timing=WITHOUT_PAUSES)
    service = RestService(plans, engine, limits or Limits(), callers, on_answer)
    return Server(service, client, site)


CAPABILITY = """\
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: {base}
{api}
    resources:
{consumed}
  exposes:
  - type: rest
    namespace: face
    port: 8080
{adapter}
    resources:
{exposed}
"""


def capability(
    folder: Path,
    consumed: str,
    exposed: str,
    *,
    base: str = "https://up.example/api",
    api: str = "",
    adapter: str = "",
    environment: Mapping[str, str] | None = None,
) -> Capability:
    """Return a capability of one API and one adapter.

    Args:
        folder: Where its file goes.
        consumed: The consumed resources, at the margin.
        exposed: The exposed resources, likewise.
        base: The base URI.
        api: What else the consumed API says.
        adapter: What else the adapter says.
        environment: The environment variables.
    """
    text = CAPABILITY.format(
        base=base,
        api=_indented(api, 4),
        consumed=_indented(consumed, 4),
        adapter=_indented(adapter, 4),
        exposed=_indented(exposed, 4),
    )
    return load(folder, text, LoadOptions(environment or {}))


def one_route(
    folder: Path,
    *inputs: str,
    method: str = "POST",
    path: str = "/things",
    declared: Sequence[str] = (),
    operation: str = "",
    api: str = "",
    adapter: str = "",
    limits: Limits | None = None,
    identity: UpstreamClient | None = None,
) -> Server:
    """Return a server of one operation, of the same method and path on both sides.

    Args:
        folder: Where its file goes.
        inputs: The consumed input parameters, each as the inside of a flow mapping.
        method: The method.
        path: The path.
        declared: The exposed input parameters.
        operation: What else the consumed operation says.
        api: What else the consumed API says.
        adapter: What else the adapter says.
        limits: What callers may ask.
        identity: Carries requests to authorization servers.
    """
    head = f"- path: {path}\n  name: r\n  operations:\n  - name: op\n    method: {method}\n"
    consumed = head + _parameters(inputs) + _indented(operation, 4)
    exposed = head + "    call: api.op\n" + _parameters(declared)
    made = capability(folder, consumed, exposed, api=api, adapter=adapter)
    return serve(*made.rest, limits=limits, identity=identity)


def _parameters(inputs: Sequence[str]) -> str:
    if not inputs:
        return ""
    return "    inputParameters:\n" + "".join(f"    - {{{one}}}\n" for one in inputs)


def _indented(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line for line in text.strip("\n").splitlines())
