"""Tracing where it is asked for, and nothing of it where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from naftiko_runtime.execute.upstream.traced_client import TracedClient
from naftiko_runtime.expose.listener import Listener
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.observe import log_mcp_call
from naftiko_runtime.observe.tracing import current_trace_id
from naftiko_runtime.runtime.equipment import equip
from naftiko_runtime.runtime.tracing import (
    is_possible,
    new_listener,
    trace_id_source,
    traced_call,
    traced_client,
    tracing,
)
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.settings import ServeSettings
from tests.runtime.ports import mock, write
from tests.upstreams import RecordingClient

TRACED = ServeSettings(
    load=LoadOptions(environment={"OTEL_EXPORTER_OTLP_HEADERS": "api-key=hidden-key"}), tracing=True
)
_SERVE = """
import os, signal, sys
from pathlib import Path
from naftiko_runtime.runtime import serve
from naftiko_runtime.runtime.server import Runtime
from naftiko_runtime.settings import ServeSettings
Runtime.settle = staticmethod(lambda **_: os.kill(os.getpid(), signal.SIGTERM))
assert serve([Path(sys.argv[1])], ServeSettings()) == 0
print(*sys.modules)
"""


def test_without_tracing_a_process_imports_nothing_of_it(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml", mock("a", "one", rest=0, mcp=0))
    command = [sys.executable, "-c", _SERVE, str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    modules = ran.stdout.splitlines()[-1].split()
    assert [one for one in modules if one.startswith("naftiko_runtime") and "trac" in one] == [
        "naftiko_runtime.runtime.tracing"
    ]
    assert not [one for one in modules if one.startswith("opentelemetry.sdk")]
    assert not [one for one in modules if one.startswith("opentelemetry.exporter")]
    assert "prometheus_client" not in modules, "nor of what is measured where nobody shows it"


async def test_without_tracing_everything_is_as_it_was() -> None:
    settings = ServeSettings()
    assert is_possible(settings, Secrecy())
    assert trace_id_source(settings) is None
    async with tracing(settings, Secrecy()) as tracer:
        assert tracer is None
        assert new_listener(tracer) is Listener
        client = RecordingClient()
        assert traced_client(client, tracer) is client
        assert traced_call(log_mcp_call, tracer) is log_mcp_call


async def test_with_tracing_other_things_take_their_place() -> None:
    assert is_possible(TRACED, Secrecy())
    assert trace_id_source(TRACED) is current_trace_id
    secrecy = Secrecy()
    async with tracing(TRACED, secrecy) as tracer:
        assert tracer is not None
        assert secrecy.mask("a hidden-key") == "a ***"
        equipment = equip(TRACED, b"nonce", tracer=tracer)
        assert equipment.assembler.tracer is tracer
        assert new_listener(tracer) is not Listener
        assert type(traced_client(RecordingClient(), tracer)) is TracedClient
        assert traced_call(log_mcp_call, tracer) is not log_mcp_call
        await equipment.engine.aclose()
        await equipment.callers.aclose()
