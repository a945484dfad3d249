"""Skills for tests, and callers without a network."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.service import OnAnswer
from naftiko_runtime.expose.skill.reading import FolderReader
from naftiko_runtime.expose.skill.service import SkillService
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.adapters import SkillPlan
from naftiko_runtime.plan.loading import load_capability
from tests.expose.callers.requests import head
from tests.upstreams import RecordingClient

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

SECRET: Final = "SECRET=1"
OPEN: Final = """\
naftiko: 1.0.0-alpha3
binds: [{keys: {TOKEN: TOKEN}}]
capability:
  exposes:
  - type: rest
    namespace: r
    resources:
    - path: /tides
      operations:
      - {method: GET, name: tides, description: High water, outputParameters: [{value: x}]}
  - type: skill
    namespace: s
    skills:
    - name: watch
      description: Watch the harbour
      license: MIT
      metadata: {author: me}
      location: watch
      tools:
      - {name: tide, from: {sourceNamespace: r, action: tides}}
      - {name: night, description: After dark, instruction: guide/night.md}
    - {name: bare, description: Has no files}
    - {name: lost, description: Has lost its files, location: nowhere}
"""
GUARDED: Final = """\
  - type: skill
    namespace: g
    authentication: {type: bearer, token: "{{TOKEN}}"}
    skills:
    - {name: guarded, description: For some, location: watch}
"""
TOKEN: Final = {"Authorization": "Bearer open-sesame"}


@dataclass(frozen=True, slots=True)
class Answered:
    """A response as a caller gets it; `is_whole` tells whether its body came to its end."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def library(folder: Path, text: str = OPEN) -> tuple[SkillPlan, ...]:
    """Return skill servers; their folder has files, links and secrets in it and around it."""
    watch = folder / "watch"
    (watch / "guide").mkdir(parents=True)
    (watch / "SKILL.md").write_text("# Watch")
    (watch / "brief.txt").write_text("brief")
    (watch / "logo").write_bytes(b"\0\1")
    (watch / "guide" / "night.md").write_text("# Night")
    for file in (folder / "secret.txt", watch / ".env", watch / "guide" / ".hidden"):
        file.write_text(SECRET)
    (watch / "escape").symlink_to(folder)
    (watch / "escape.txt").symlink_to(folder / "secret.txt")
    (watch / "loop").symlink_to("loop")
    os.mkfifo(watch / "pipe")
    file = folder / "capability.yaml"
    file.write_text(text)
    loaded = load_capability(file, LoadOptions(environment={"TOKEN": "open-sesame"}))
    assert loaded.capability is not None, loaded.diagnostics
    return loaded.capability.skills


def service_of(
    plans: Sequence[SkillPlan],
    on_answer: OnAnswer | None = None,
    reader: FolderReader | None = None,
) -> SkillService:
    """Return what serves skills."""
    return SkillService(plans, Limits(), Callers(RecordingClient()), on_answer, reader)


async def ask(
    app: ASGIApp, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> Answered:
    """Send one request, its path as it is written here, and return the answer."""
    scope = head(headers, method=method)
    scope["raw_path"] = path.encode("utf-8", "surrogatepass")
    scope["path"] = unquote(path)
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("no request for skills has a body that is read")

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *bodies = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    is_whole = bool(bodies) and not bodies[-1].get("more_body", False)
    return Answered(start["status"], told, b"".join(one["body"] for one in bodies), is_whole)
