"""A process for control adapters to tell of, and callers without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.control.process import (
    AdapterState,
    Exposition,
    ProcessState,
    Reloaded,
    Traces,
)
from naftiko_runtime.expose.control.service import ControlService
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import ControlPlan
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.secrecy import Secrecy
from tests.expose.callers.requests import head
from tests.upstreams import RecordingClient

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

SECRET = "open-sesame"
STARTED = AdapterState("rest", "fleet", 8080, is_started=True)
STOPPED = AdapterState("mcp", "tools", None, is_started=False)


@dataclass(slots=True)
class PlayedProcess:
    """Says and does what a test wants.

    Attributes:
        adapters: What it serves.
        obstacles: Why it is not ready.
        uptime_seconds: For how long it has served.
        result: What comes of a reload: that, an error, or None.
        accepted: The formats that were asked for last.
        traces: What was traced.
    """

    adapters: tuple[AdapterState, ...] = (STARTED,)
    obstacles: tuple[str, ...] = ()
    uptime_seconds: float = 0.0
    result: Reloaded | Exception | None = None
    accepted: str | None = None
    traces: Traces | None = None

    def state(self) -> ProcessState:
        is_traced = self.traces is not None
        return ProcessState(self.adapters, self.obstacles, self.uptime_seconds, is_traced)

    def mask(self, text: str) -> str:
        return Secrecy([SECRET]).mask(text)

    async def measured(self, accept: str) -> Exposition:
        self.accepted = accept
        return Exposition("text/plain; version=0.0.4", b"naftiko_calls 1\n")

    async def traced(self) -> Traces | None:
        return self.traces

    async def reload(self) -> Reloaded | None:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@dataclass(frozen=True, slots=True)
class Answered:
    """A response as a caller gets it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def adapters(folder: Path, *adapters: str, label: str = "Fleet") -> tuple[ControlPlan, ...]:
    """Return the plans of control adapters that have these keys, in one capability."""
    listed = "".join(f"  - {{type: control, port: 9100, {keys}}}\n" for keys in adapters)
    file = folder / "capability.yaml"
    file.write_text(
        f"naftiko: 1.0.0-alpha3\ninfo: {{label: {label}}}\nbinds: [{{keys: {{OPS: OPS}}}}]\n"
        f"capability:\n  exposes:\n{listed}"
    )
    loaded = load_capability(file, LoadOptions(environment={"OPS": SECRET}))
    assert loaded.capability is not None, loaded.diagnostics
    return loaded.capability.control


def service_of(
    plans: tuple[ControlPlan, ...], process: PlayedProcess | None = None
) -> ControlService:
    """Return what serves control adapters; others answer 418."""
    return ControlService(plans, process or PlayedProcess(), Callers(RecordingClient()), _others)


async def ask(
    service: ControlService,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    server: str | None = None,
) -> Answered:
    """Send one request and return the answer.

    Args:
        service: What answers.
        path: What is asked for.
        method: In upper case.
        headers: All of them.
        server: The address that it arrives at.
    """
    scope = head(headers, path, method=method)
    if server is not None:
        scope["server"] = (server, 9100)
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("no body is read")

    async def send(message: Message) -> None:
        sent.append(message)

    await service(scope, receive, send)
    start, *bodies = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answered(start["status"], told, b"".join(one["body"] for one in bodies))


async def _others(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})
