"""Traces: spans of what is answered and asked, sent to a collector by OTLP over HTTP.

Only where tracing is asked for is this imported, and OpenTelemetry's SDK with it. The SDK's own
environment variables say where spans go and which are kept. Its global provider stays as it is:
what serves owns a provider, and ends it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Final
from urllib.parse import unquote

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Tracer, format_trace_id, get_current_span

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.observe.exporting import ReportingExporter, complaints_of

FLUSH_SECONDS: Final = 2.5
"""How long the last spans may take to reach the collector when a process ends.

A process that ends has waited before for the one beside it, which has as long.
"""

_HOPELESS_SECONDS: Final = 0.5
"""The same, where the collector has not taken the spans before them either."""

_NAME: Final = "naftiko"
_PREFIX: Final = "OTEL_"
_SDK: Final = "opentelemetry"
_SHORTEST_KEY: Final = 8
"""How long a header's value is at least that counts as a secret; shorter ones are names."""

_HEADERS: Final = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")


class Tracing:
    """Makes spans, and sends them in batches, which a thread does; a full queue drops spans.

    To be made in the process whose spans it sends, and not before a fork.

    Args:
        environment: Where OpenTelemetry's variables are; those of the process go before these.
        mask: Hides secrets in all that is sent.
        exporter: Takes the spans; by default OTLP's, as the variables say.
        ring: Keeps them as well; None where nothing does.

    Raises:
        ValueError: A variable holds something that can't be.

    Attributes:
        tracer: Makes the spans.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        mask: Mask,
        exporter: SpanExporter | None = None,
        ring: SpanProcessor | None = None,
    ) -> None:
        with _variables_of(environment):
            self._exporter = ReportingExporter(exporter or OTLPSpanExporter(), mask)
            self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
            self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        if ring is not None:
            self._provider.add_span_processor(ring)
        self.tracer: Tracer = self._provider.get_tracer("naftiko_runtime", __version__)

    async def aclose(self) -> None:
        """Send what is left, for so long as that may take, and make no more spans."""
        ending = Thread(target=self._provider.shutdown, daemon=True)  # it may wait for the network
        ending.start()
        seconds = _HOPELESS_SECONDS if self._exporter.fails else FLUSH_SECONDS
        await asyncio.to_thread(ending.join, seconds)
        if ending.is_alive():
            self._exporter.give_up()


def check_variables(environment: Mapping[str, str]) -> None:
    """Find out whether spans can be sent as OpenTelemetry's variables say; leave nothing running.

    Raises:
        ValueError: A variable holds something that can't be.
    """
    with _variables_of(environment), complaints_of(_SDK) as complaints:
        TracerProvider(resource=_resource(), shutdown_on_exit=False)
        BatchSpanProcessor(OTLPSpanExporter()).shutdown()  # type: ignore[no-untyped-call]
    if complaints:
        raise ValueError(complaints[0])


def current_trace_id() -> str | None:
    """Return the id of the trace that the task at hand belongs to, as W3C writes it."""
    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else None


def collector_secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is sent to the collector in headers, and shown to nobody else."""
    for variable in _HEADERS:
        for pair in environment.get(variable, "").split(","):
            name, is_pair, value = map(str.strip, pair.partition("="))
            value = value if is_pair else name  # it may be a key, with nothing around it
            if len(value) >= _SHORTEST_KEY:
                yield from {value, unquote(value)}


def _resource() -> Resource:
    """Return what the variables say of this process, and its name where they say none."""
    found = Resource.create({SERVICE_VERSION: __version__})
    if str(found.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return found.merge(Resource({SERVICE_NAME: _NAME}))
    return found


@contextmanager
def _variables_of(environment: Mapping[str, str]) -> Iterator[None]:
    """Let the SDK, which reads the process's environment alone, see variables of another one."""
    added = {
        name: value
        for name, value in environment.items()
        if name.startswith(_PREFIX) and name not in os.environ
    }
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
