"""Serves a face of a capability to the checks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from naftiko_runtime._version import __version__
from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.expose.callers import Callers
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.service import McpService
from naftiko_runtime.expose.rest.service import RestService
from tests.corpus.mcp_face import McpFace
from tests.corpus.reply import Face
from tests.corpus.rest_face import RestFace
from tests.corpus.subject import Subject
from tests.corpus.upstream import RecordingUpstream


@asynccontextmanager
async def open_face(
    kind: str, subject: Subject, upstream: RecordingUpstream
) -> AsyncIterator[Face]:
    """Serve a face of a capability, its calls going to an upstream."""
    engine, callers = Engine(upstream), Callers(upstream)
    if kind == "rest":
        yield RestFace(RestService(subject.loaded.rest, engine, Limits(), callers))
    else:
        service = McpService(
            subject.loaded.mcp, engine, Limits(), version=__version__, callers=callers
        )
        async with service.run():
            yield McpFace(service, {unit.name: tool for unit, tool in subject.tools()})
