"""A process that serves the ships on standard input and output, until it is told to end."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from naftiko_runtime.execute.engine import Engine
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.mcp.stdio import run_stdio
from naftiko_runtime.plan.adapters import McpPlan
from tests.expose.mcp.offering import library
from tests.expose.mcp.serving import VERSION, plan_of
from tests.upstreams import RecordingClient, answer


def _respond(request: UpstreamRequest) -> UpstreamResponse:
    sys.stdout.write("this is no protocol message\n")
    return answer({"target": request.target.decode()})


async def main(plans: list[McpPlan]) -> None:
    serving = asyncio.ensure_future(
        run_stdio(
            plans,
            Engine(RecordingClient(_respond)),
            Limits(body_bytes=10_000),
            version=VERSION,
        )
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    with suppress(asyncio.CancelledError):
        await serving
    sys.stderr.write("ended\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        library_too = "--library" in sys.argv
        plans = [plan_of(Path(folder)), *([library(Path(folder))] if library_too else [])]
        asyncio.run(main(plans))
