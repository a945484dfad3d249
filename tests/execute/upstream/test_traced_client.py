"""Spans of exchanges with upstream, and what upstream learns of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import NoOpTracer, use_span

from naftiko_runtime.errors import UpstreamProtocolError, UpstreamTimeout
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.execute.upstream.traced_client import TracedClient
from naftiko_runtime.plan.origins import Origin
from naftiko_runtime.values import Deadline
from tests.spans import TRACEPARENT, Spans
from tests.upstreams import GatedUpstream, RecordingClient, answer

ORIGIN = Origin("https", "api.test", 443)
REQUEST = UpstreamRequest(
    "GET",
    ORIGIN,
    b"/v1/ships/9?key=hidden",
    ((b"accept", b"application/json"), (b"authorization", b"Bearer hidden")),
)
Respond = Callable[[UpstreamRequest], UpstreamResponse]


async def send(spans: Spans, respond: Respond, request: UpstreamRequest = REQUEST) -> None:
    """Send a request, whatever comes of it."""
    client = TracedClient(RecordingClient(respond), spans.tracer)
    await client.send(request, Deadline.after(5))


async def sent(request: UpstreamRequest, spans: Spans | None = None) -> dict[bytes, bytes]:
    """Return the headers with which a request goes upstream, each of which is there once."""
    recorded = RecordingClient()
    await TracedClient(recorded, (spans or Spans()).tracer).send(request, Deadline.after(5))
    headers = recorded.requests[0].headers
    assert len(dict(headers)) == len(headers)
    return dict(headers)


def raising(error: BaseException) -> Respond:
    """Return what fails with an error."""

    def respond(_: UpstreamRequest) -> UpstreamResponse:
        raise error

    return respond


async def test_an_exchange_is_a_span_that_tells_no_secret() -> None:
    spans = Spans()
    await send(spans, lambda _: answer({}))
    span = spans.only()
    assert (span.name, span.kind, span.is_error) == ("GET", "CLIENT", False)
    assert span.said == {
        "http.request.method": "GET",
        "server.address": "api.test",
        "server.port": 443,
        "url.full": "https://api.test/v1/ships/9",
        "http.response.status_code": 200,
    }


async def test_a_method_that_nobody_knows_names_no_span() -> None:
    spans = Spans()
    await send(spans, lambda _: answer({}), replace(REQUEST, method="PURGE"))
    span = spans.only()
    assert span.name == "HTTP"
    assert span.said["http.request.method"] == "_OTHER"
    assert span.said["http.request.method_original"] == "PURGE"


@pytest.mark.parametrize("status", [400, 404, 500, 503])
async def test_an_error_status_is_an_error(status: int) -> None:
    spans = Spans()
    await send(spans, lambda _: answer({}, status))
    span = spans.only()
    assert span.is_error
    assert span.said["error.type"] == str(status)
    assert span.said["http.response.status_code"] == status


@pytest.mark.parametrize(
    ("error", "kind"),
    [(UpstreamTimeout("hidden"), "upstream-timeout"), (ValueError("hidden"), "ValueError")],
)
async def test_a_failure_is_an_error_that_says_what_kind_it_is(error: Exception, kind: str) -> None:
    spans = Spans()
    with pytest.raises(type(error)):
        await send(spans, raising(error))
    span = spans.only()
    assert span.is_error
    assert span.said["error.type"] == kind
    assert "hidden" not in repr(span)


async def test_a_call_that_is_given_up_is_an_error() -> None:
    spans, upstream = Spans(), GatedUpstream()
    client = TracedClient(upstream, spans.tracer)
    sending = asyncio.create_task(client.send(REQUEST, Deadline.after(5)))
    await upstream.asked.wait()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert upstream.was_cancelled
    assert spans.only().said["error.type"] == "cancelled"


async def test_upstream_learns_which_span_it_works_for() -> None:
    spans = Spans()
    headers = await sent(REQUEST, spans)
    span = spans.only()
    _, trace, parent, flags = headers[b"traceparent"].decode().split("-")
    assert (trace, parent) == (span.trace, span.id)
    assert int(flags, 16) & 1
    assert b"tracestate" not in headers
    assert headers[b"authorization"] == b"Bearer hidden"


async def test_a_span_is_the_child_of_what_is_at_hand() -> None:
    spans = Spans()
    tracer = spans.tracer
    with use_span(tracer.start_span("outer"), end_on_exit=True):
        await TracedClient(RecordingClient(), tracer).send(REQUEST, Deadline.after(5))
    inner, outer = spans.ended
    assert (inner.trace, inner.parent) == (outer.trace, outer.id)


@pytest.mark.parametrize("declared", ["traceparent", "tracestate"])
async def test_what_a_call_says_itself_goes_before(declared: str) -> None:
    own = (declared.encode(), TRACEPARENT.encode())
    headers = await sent(replace(REQUEST, headers=(*REQUEST.headers, own)))
    assert headers[declared.encode()] == TRACEPARENT.encode()
    assert (b"tracestate" in headers) == (declared == "tracestate")


async def test_upstream_learns_too_of_what_is_not_kept() -> None:
    spans = Spans(ALWAYS_OFF)
    headers = await sent(REQUEST, spans)
    assert int(headers[b"traceparent"][-2:], 16) & 1 == 0
    assert spans.ended == []


async def test_where_there_is_no_context_nothing_is_said() -> None:
    recorded = RecordingClient()
    await TracedClient(recorded, NoOpTracer()).send(REQUEST, Deadline.after(5))
    assert recorded.requests == [REQUEST]


async def test_a_streamed_exchange_lasts_until_its_answer_is_read() -> None:
    spans, recorded = Spans(), RecordingClient(lambda _: answer({}, 201))
    async with TracedClient(recorded, spans.tracer).stream(REQUEST, None, 5) as response:
        assert spans.ended == []
        assert [piece async for piece in response.pieces] == [b"{}"]
    assert spans.only().said["http.response.status_code"] == 201
    assert b"traceparent" in dict(recorded.requests[0].headers)


async def test_an_answer_that_breaks_off_is_an_error() -> None:
    spans = Spans()
    client = TracedClient(RecordingClient(), spans.tracer)
    with pytest.raises(UpstreamProtocolError):
        async with client.stream(REQUEST, None, 5):
            raise UpstreamProtocolError("hidden")
    span = spans.only()
    assert span.said["error.type"] == "upstream-protocol-error"
    assert span.said["http.response.status_code"] == 200


async def test_closing_closes_what_carries_requests() -> None:
    recorded = RecordingClient()
    await TracedClient(recorded, NoOpTracer()).aclose()
    assert recorded.closed
