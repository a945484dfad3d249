"""Traces: from a caller over the runtime's processes to upstream, and to a collector."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.end_to_end.collector import Collected, Collector, collecting
from tests.end_to_end.commands import (
    PATIENCE_SECONDS,
    ROOT,
    Served,
    clean_environment,
    serve_command,
    serving,
    until,
)
from tests.end_to_end.scripted_upstream import ScriptedUpstream, refusing_upstream
from tests.expose.mcp.wire import INITIALIZE
from tests.runtime.ports import write
from tests.spans import PARENT, TRACE, TRACEPARENT

THINGS: Final = """\
naftiko: 1.0.0-alpha3
binds:
- {namespace: env, keys: {THINGS_TOKEN: THINGS_TOKEN}}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://127.0.0.1:1
    authentication: {type: bearer, token: '{{THINGS_TOKEN}}'}
    resources:
    - path: '/bot{{THINGS_TOKEN}}/things/{id}'
      name: thing
      operations:
      - {name: get-thing, method: GET}
      - {name: put-thing, method: PUT, body: {type: json}}
  exposes:
  - {type: rest, namespace: things-rest, port: 0, resources: [
      {path: '/things/{id}', operations: [
        {method: GET, name: get-thing, call: api.get-thing},
        {method: PUT, name: put-thing, call: api.put-thing}]}]}
  - {type: mcp, namespace: things-mcp, port: 0, tools: [
      {name: get-thing, description: Get a thing, call: api.get-thing}]}
"""
TOKEN: Final = "token-of-the-things"
COLLECTORS_KEY: Final = "key-of-the-collector"
LARGE: Final = json.dumps([{"name": "x" * 50}] * 10_000).encode()
CALL: Final = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {
        "name": "get-thing",
        "arguments": {"id": "7"},
        "_meta": {"traceparent": TRACEPARENT},
    },
}


SECRETS: Final = {
    "THINGS_TOKEN": TOKEN,
    "OTEL_EXPORTER_OTLP_HEADERS": f"api-key={COLLECTORS_KEY}",
}


def options_for(folder: Path, collector: str, patience_seconds: int = 60) -> list[str]:
    """Return the options of tracing; spans are sent soon."""
    lines = [f"OTEL_EXPORTER_OTLP_ENDPOINT={collector}", "OTEL_BSP_SCHEDULE_DELAY=20"]
    file = write(
        folder / "tracing.env",
        "\n".join([*lines, f"OTEL_EXPORTER_OTLP_TIMEOUT={patience_seconds}"]),
    )
    return ["--tracing", "--env-file", str(file)]


@dataclass(frozen=True, slots=True)
class Traced:
    """The things, served by two workers.

    Attributes:
        served: What serves them.
        collector: Where spans go.
        upstream: What is asked.
    """

    served: Served
    collector: Collector
    upstream: ScriptedUpstream

    def await_spans(self, wanted: Callable[[Collected], bool], number: int = 1) -> list[Collected]:
        """Return spans when so many have arrived."""
        found: list[Collected] = []

        def have_arrived() -> bool:
            found[:] = [span for span in self.collector.spans if wanted(span)]
            return len(found) >= number

        until(have_arrived, self.served.process)
        assert len(found) == number
        return found

    def lines_of(self, trace: str) -> list[dict[str, Any]]:
        """Return the log lines about a trace."""
        lines = [json.loads(line) for line in self.served.process.stderr.splitlines()]
        return [line for line in lines if line.get("trace_id") == trace]


@pytest.fixture(scope="module")
def traced(
    tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedUpstream
) -> Iterator[Traced]:
    folder = tmp_path_factory.mktemp("traced")
    file = write(folder / "things.yaml", THINGS)
    with collecting() as collector:
        options = [*options_for(folder, collector.url), "--workers", "2", "--log-format", "json"]
        with serving(file, f"api={upstream.url}", SECRETS, *options) as served:
            yield Traced(served, collector, upstream)
        assert "Traceback" not in served.process.stderr
        assert TOKEN.encode() not in collector.raw
        assert {one["api-key"] for one in collector.headers} == {COLLECTORS_KEY}


def test_a_trace_leads_from_the_caller_to_upstream(traced: Traced) -> None:
    url = f"{traced.served.rest}/things/1?secret=hidden"
    response = httpx.get(
        url, headers={"traceparent": TRACEPARENT}, trust_env=False, timeout=PATIENCE_SECONDS
    )
    assert response.status_code == 200
    exchange, request = sorted(
        traced.await_spans(lambda span: span.trace == TRACE, 2), key=lambda span: span.kind
    )
    assert (request.name, request.kind) == ("GET /things/{id}", "SPAN_KIND_SERVER")
    assert (request.parent, exchange.parent) == (PARENT, request.id)
    assert (exchange.name, exchange.kind) == ("GET", "SPAN_KIND_CLIENT")
    assert exchange.said["url.full"] == f"{traced.upstream.url}/bot***/things/1"
    assert exchange.resource["service.name"] == "naftiko"
    sent = f"traceparent: 00-{TRACE}-{exchange.id}-01\r\n".encode()
    assert sent in traced.upstream.received[-1].head
    (line,) = traced.lines_of(TRACE)
    assert (line["fields"]["unit"], line["fields"]["status"]) == ("things-rest.get-thing", 200)
    assert b"hidden" not in traced.collector.raw


def test_a_tool_call_is_a_trace_of_its_own(traced: Traced) -> None:
    headers = {"accept": "application/json", "mcp-protocol-version": "2025-06-18"}
    params = {"name": "get-thing", "arguments": {"id": "2"}}
    message = {**CALL, "params": params}
    httpx.post(
        traced.served.mcp, json=message, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS
    )
    (call,) = traced.await_spans(lambda span: span.name == "tools/call get-thing")
    assert (call.kind, call.parent) == ("SPAN_KIND_SERVER", "")
    (exchange,) = traced.await_spans(lambda span: span.parent == call.id)
    assert exchange.trace == call.trace
    (line,) = traced.lines_of(call.trace)
    assert line["message"].startswith("tools/call ok")


def test_a_request_with_a_large_body_is_a_span_of_the_process_that_answers_it(
    traced: Traced,
) -> None:
    traces = (f"{number:032x}" for number in count(1))
    trace = ""

    def is_handed_over() -> bool:
        nonlocal trace
        trace = next(traces)
        headers = {"content-type": "application/json", "traceparent": f"00-{trace}-{PARENT}-01"}
        response = put(f"{traced.served.rest}/things/3", headers)
        assert response.status_code == 200
        return "connection" in response.headers

    until(is_handed_over, traced.served.process)  # the other process may take long to start
    exchange, request = sorted(
        traced.await_spans(lambda span: span.trace == trace, 2), key=lambda span: span.name
    )
    assert (request.name, exchange.name) == ("PUT /things/{id}", "PUT")
    assert (request.parent, exchange.parent) == (PARENT, request.id)
    assert f"-{exchange.id}-".encode() in traced.upstream.received[-1].head
    assert traced.lines_of(request.trace)


def put(url: str, headers: dict[str, str]) -> httpx.Response:
    """Put a large thing."""
    return httpx.put(url, content=LARGE, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS)


def test_each_worker_sends_its_spans(traced: Traced) -> None:
    def have_both_sent() -> bool:
        httpx.get(f"{traced.served.rest}/things/4", trust_env=False, timeout=PATIENCE_SECONDS)
        pages = [one for one in traced.collector.spans if one.name == "GET /things/{id}"]
        return len({one.resource["service.instance.id"] for one in pages}) == 2

    until(have_both_sent, traced.served.process)


def test_a_dead_collector_fails_no_call_and_holds_up_no_stop(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    file = write(tmp_path / "things.yaml", THINGS)
    with refusing_upstream() as url:
        options = options_for(tmp_path, url, patience_seconds=2)
        with serving(file, f"api={upstream.url}", SECRETS, *options) as served:
            for _ in range(5):
                response = httpx.get(
                    f"{served.rest}/things/1", trust_env=False, timeout=PATIENCE_SECONDS
                )
                assert response.status_code == 200
            process = served.process
            until(lambda: "spans do not reach the collector" in process.stderr, process)
    assert process.stderr.count("spans do not reach the collector") == 1
    assert "Connection refused" in process.stderr
    assert "Traceback" not in process.stderr
    assert "opentelemetry" not in process.stderr


def test_messages_on_standard_input_are_traced(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    file = write(tmp_path / "things.yaml", THINGS)
    with collecting() as collector:
        options = [*options_for(tmp_path, collector.url), "--stdio"]
        answers, errors = talk(serve_command(file, f"api={upstream.url}", *options))
    assert '"data":{}' in answers[1].replace("\\", "")
    spans = {span.name: span for span in collector.spans}
    assert spans.keys() == {"initialize", "tools/call get-thing", "GET"}
    call = spans["tools/call get-thing"]
    assert (call.trace, call.parent) == (TRACE, PARENT)
    assert (spans["GET"].trace, spans["GET"].parent) == (TRACE, call.id)
    assert f"trace_id={TRACE}" in errors


def talk(command: list[str]) -> tuple[list[str], str]:
    """Call the tool over a command's standard input; return its answers, and its errors."""
    with subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=clean_environment(SECRETS),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = []
        for message in (INITIALIZE, CALL):
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            answers.append(process.stdout.readline())
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, errors
        return answers, errors
