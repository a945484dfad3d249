"""A collector of spans: OTLP over HTTP, as OpenTelemetry's exporters speak it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.threads import serving_in_thread

PATH: Final = "/v1/traces"


@dataclass(frozen=True, slots=True)
class Collected:
    """A span as it arrived.

    Attributes:
        name: Its name.
        kind: `SPAN_KIND_SERVER` or another.
        trace: The id of its trace.
        id: Its own.
        parent: Its parent's; empty where it has none.
        is_error: Whether its status says so.
        said: Its attributes.
        resource: What is said of the process.
    """

    name: str
    kind: str
    trace: str
    id: str
    parent: str
    is_error: bool
    said: dict[str, Any]
    resource: dict[str, Any]


@dataclass(slots=True)
class Collector:
    """What has arrived so far.

    Attributes:
        url: Where spans are to be sent.
        spans: In the order of their arrival.
        headers: Those of each request.
        raw: All bytes.
        status: What requests are answered with.
    """

    url: str = ""
    spans: list[Collected] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    raw: bytes = b""
    status: int = 200

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Take a request."""
        assert path == PATH
        self.headers.append(headers)
        self.raw += body
        for one in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = _values(one.resource.attributes)
            for scope in one.scope_spans:
                self.spans += [_collected(span, resource) for span in scope.spans]


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector until the block ends."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            named = {name.lower(): value for name, value in self.headers.items()}
            collector.take(self.path, named, body)
            self.send_response(collector.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    with serving_in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        yield collector


def _collected(span: Span, resource: dict[str, Any]) -> Collected:
    return Collected(
        span.name,
        Span.SpanKind.Name(span.kind),
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.status.code == 2,
        _values(span.attributes),
        resource,
    )


def _values(pairs: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in cast("list[KeyValue]", pairs):
        which = pair.value.WhichOneof("value")
        found[pair.key] = getattr(pair.value, which) if which is not None else None
    return found
