"""The management port, as who operates the process sees it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics import Diagnostic, Position, Severity
from naftiko_runtime.expose.control.process import Reloaded, ReloadRunning, Traces
from naftiko_runtime.values import Json
from tests.expose.control.process import (
    SECRET,
    STARTED,
    STOPPED,
    PlayedProcess,
    adapters,
    ask,
    service_of,
)

EVERYTHING = "management: {info: true, reload: true, scripting: {timeout: 500}}"
PATHS = {
    "/health/live": "GET",
    "/health/ready": "GET",
    "/status": "GET",
    "/metrics": "GET",
    "/config/reload": "POST",
    "/scripting": "GET",
}
SHOWN_STARTED = {"type": "rest", "namespace": "fleet", "port": 8080, "state": "started"}
BEARER = {"Authorization": f"Bearer {SECRET}"}


async def test_a_process_that_answers_is_alive(tmp_path: Path) -> None:
    answer = await ask(service_of(adapters(tmp_path, "")), "/health/live")
    assert (answer.status, answer.json) == (200, {"status": "UP"})


async def test_a_process_whose_adapters_are_served_is_ready(tmp_path: Path) -> None:
    answer = await ask(service_of(adapters(tmp_path, "")), "/health/ready")
    assert (answer.status, answer.json) == (200, {"status": "UP", "adapters": [SHOWN_STARTED]})


async def test_a_process_is_not_ready_while_an_adapter_is_not_served(tmp_path: Path) -> None:
    process = PlayedProcess((STARTED, STOPPED))
    answer = await ask(service_of(adapters(tmp_path, ""), process), "/health/ready")
    stopped = {"type": "mcp", "namespace": "tools", "state": "stopped"}
    expected = {"status": "DEGRADED", "adapters": [SHOWN_STARTED, stopped]}
    assert (answer.status, answer.json) == (503, expected)


async def test_control_adapters_do_not_count_for_readiness(tmp_path: Path) -> None:
    process = PlayedProcess((STARTED, replace(STOPPED, type="control", namespace="")))
    answer = await ask(service_of(adapters(tmp_path, ""), process), "/health/ready")
    assert answer.status == 200
    assert answer.json["adapters"][1] == {"type": "control", "state": "stopped"}


async def test_a_process_that_is_not_ready_says_why(tmp_path: Path) -> None:
    process = PlayedProcess(obstacles=("the process is stopping",))
    answer = await ask(service_of(adapters(tmp_path, ""), process), "/health/ready")
    assert answer.status == 503
    assert (answer.json["status"], answer.json["reasons"]) == (
        "DEGRADED",
        ["the process is stopping"],
    )


async def test_the_status_tells_what_runs(tmp_path: Path) -> None:
    answer = await ask(service_of(adapters(tmp_path, EVERYTHING)), "/status")
    told = answer.json
    assert told["capability"] == {"label": "Fleet", "specVersion": "1.0.0-alpha3"}
    assert told["capabilities"] == [told["capability"]]
    assert told["engine"]["version"] == __version__
    assert told["adapters"] == [SHOWN_STARTED]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.9, "PT0S"), (61, "PT1M1S"), (7200, "PT2H"), (90_061.5, "PT25H1M1S"), (60, "PT1M")],
)
async def test_the_status_tells_for_how_long(tmp_path: Path, seconds: float, shown: str) -> None:
    process = PlayedProcess(uptime_seconds=seconds)
    answer = await ask(service_of(adapters(tmp_path, EVERYTHING), process), "/status")
    assert answer.json["uptime"] == shown


async def test_adapters_on_one_port_tell_of_all_their_capabilities(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    plans = adapters(tmp_path, EVERYTHING) + adapters(
        tmp_path / "other", "management: {info: true, scripting: {enabled: false}}", label="Crew"
    )
    service = service_of(plans)
    told = (await ask(service, "/status")).json["capabilities"]
    assert [one["label"] for one in told] == ["Fleet", "Crew"]
    assert (await ask(service, "/scripting")).json == {
        "capabilities": [
            {"label": "Fleet", "enabled": True, "timeout": 500},
            {"label": "Crew", "enabled": False, "timeout": 60000},
        ]
    }


async def test_what_holds_for_scripts_is_shown(tmp_path: Path) -> None:
    keys = (
        "management: {scripting: {defaultLocation: 'file:///./s', defaultLanguage: python, "
        "allowedLanguages: [python, javascript]}}"
    )
    answer = await ask(service_of(adapters(tmp_path, keys)), "/scripting")
    assert answer.json == {
        "enabled": True,
        "defaultLocation": "file:///./s",
        "defaultLanguage": "python",
        "timeout": 60000,
        "allowedLanguages": ["javascript", "python"],
    }


async def test_metrics_are_shown_in_the_format_that_is_asked_for(tmp_path: Path) -> None:
    process = PlayedProcess()
    service = service_of(adapters(tmp_path, ""), process)
    answer = await ask(service, "/metrics", headers={"Accept": "application/openmetrics-text"})
    assert process.accepted == "application/openmetrics-text"
    assert answer.headers["content-type"] == "text/plain; version=0.0.4"
    assert answer.body == b"naftiko_calls 1\n"
    await ask(service, "/metrics")
    assert process.accepted == ""


async def test_a_reload_answers_with_what_came_of_it(tmp_path: Path) -> None:
    found = Diagnostic(
        Severity.WARNING, "key-unknown", f"no {SECRET} here", Position("a.yaml", 2, 3)
    )
    process = PlayedProcess(result=Reloaded(("a.yaml",), ("b.yaml",), ("c.yaml",), (found,)))
    service = service_of(adapters(tmp_path, EVERYTHING), process)
    answer = await ask(service, "/config/reload", "POST")
    assert answer.status == 200
    assert answer.json["status"] == "reloaded"
    assert (answer.json["served"], answer.json["kept"], answer.json["leftOut"]) == (
        ["a.yaml"],
        ["b.yaml"],
        ["c.yaml"],
    )
    (shown,) = answer.json["diagnostics"]
    assert (shown["code"], shown["line"], shown["message"]) == ("key-unknown", 2, "no *** here")


async def test_a_reload_that_another_process_does_is_only_accepted(tmp_path: Path) -> None:
    service = service_of(adapters(tmp_path, EVERYTHING))
    answer = await ask(service, "/config/reload", "POST")
    assert (answer.status, answer.json) == (202, {"status": "requested"})


async def test_there_is_one_reload_at_a_time(tmp_path: Path) -> None:
    process = PlayedProcess(result=ReloadRunning())
    service = service_of(adapters(tmp_path, EVERYTHING), process)
    answer = await ask(service, "/config/reload", "POST")
    assert (answer.status, answer.json["code"]) == (409, "reload-running")


@pytest.mark.parametrize(("traces", "status"), [(None, "inactive"), (Traces(1, []), "active")])
async def test_the_status_tells_whether_spans_are_made(
    tmp_path: Path, traces: Traces | None, status: str
) -> None:
    service = service_of(adapters(tmp_path, EVERYTHING), PlayedProcess(traces=traces))
    assert (await ask(service, "/status")).json["otel"] == {"status": status}


def span(number: int) -> dict[str, Json]:
    return {"spanId": str(number)}


def traced(trace_id: str, operation: str, status: str, *numbers: int) -> dict[str, Json]:
    spans: list[Json] = [span(one) for one in numbers]
    return {"traceId": trace_id, "operation": operation, "status": status, "spans": spans}


TRACED = Traces(
    100,
    [
        traced("c", "GET /crew", "OK", 4),
        traced("b", "GET /ships", "ERROR", 2, 3),
        traced("c", "GET /ships", "OK", 1),
    ],
)


@pytest.mark.parametrize(
    ("query", "operations"),
    [
        ("", ["GET /crew", "GET /ships", "GET /ships"]),
        ("?operation=ships", ["GET /ships", "GET /ships"]),
        ("?status=error", ["GET /ships"]),
        ("?operation=crew&status=ERROR", []),
    ],
)
async def test_traces_are_listed(tmp_path: Path, query: str, operations: list[str]) -> None:
    service = service_of(adapters(tmp_path, ""), PlayedProcess(traces=TRACED))
    told = (await ask(service, f"/traces{query}")).json
    assert [one["operation"] for one in told["traces"]] == operations
    assert (told["bufferSize"], told["bufferUsed"]) == (100, 3)
    assert all("spans" not in one for one in told["traces"])


async def test_a_list_of_traces_counts_their_spans(tmp_path: Path) -> None:
    service = service_of(adapters(tmp_path, ""), PlayedProcess(traces=TRACED))
    told = (await ask(service, "/traces")).json["traces"]
    assert [one["spanCount"] for one in told] == [1, 2, 1]


async def test_a_trace_is_shown_with_the_spans_of_all_its_requests(tmp_path: Path) -> None:
    service = service_of(adapters(tmp_path, ""), PlayedProcess(traces=TRACED))
    told = (await ask(service, "/traces/c")).json
    assert (told["operation"], told["spans"]) == ("GET /crew", [span(1), span(4)])


async def test_a_trace_that_is_not_kept_is_not_found(tmp_path: Path) -> None:
    service = service_of(adapters(tmp_path, ""), PlayedProcess(traces=TRACED))
    answer = await ask(service, "/traces/d")
    assert (answer.status, answer.json["code"]) == (404, "trace-unknown")
    assert answer.json["instance"] == "/traces/d"


@pytest.mark.parametrize("path", ["/traces", "/traces/c"])
async def test_without_tracing_there_are_no_traces(tmp_path: Path, path: str) -> None:
    answer = await ask(service_of(adapters(tmp_path, "")), path)
    assert (answer.status, answer.json["code"]) == (503, "tracing-off")


async def test_what_nobody_has_thought_of_is_logged_and_not_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    process = PlayedProcess(result=RuntimeError("inside"))
    service = service_of(adapters(tmp_path, EVERYTHING), process)
    answer = await ask(service, "/config/reload", "POST")
    assert (answer.status, answer.json["code"]) == (500, "internal-error")
    assert b"inside" not in answer.body
    assert "/config/reload failed" in caplog.text


@pytest.mark.parametrize("path", ["/status", "/config/reload", "/scripting", "/health", "/"])
async def test_others_answer_for_what_no_adapter_has(tmp_path: Path, path: str) -> None:
    answer = await ask(service_of(adapters(tmp_path, "")), path)
    assert answer.status == 418


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ("management: {health: false}", "/health/live"),
        ("management: {health: false}", "/health/ready"),
        ("observability: {enabled: false}", "/metrics"),
        ("observability: {enabled: false}", "/traces"),
        ("observability: {traces: {local: {enabled: false}}}", "/traces/c"),
    ],
)
async def test_what_is_switched_off_is_not_there(tmp_path: Path, keys: str, path: str) -> None:
    assert (await ask(service_of(adapters(tmp_path, keys)), path)).status == 418


@pytest.mark.parametrize(("path", "method"), PATHS.items())
async def test_nobody_may_keep_what_is_told(tmp_path: Path, path: str, method: str) -> None:
    answer = await ask(service_of(adapters(tmp_path, EVERYTHING)), path, method)
    assert answer.headers["cache-control"] == "no-store"
    assert "x-request-id" in answer.headers


@pytest.mark.parametrize("path", [path for path, method in PATHS.items() if method == "GET"])
async def test_what_answers_get_answers_head(tmp_path: Path, path: str) -> None:
    service = service_of(adapters(tmp_path, EVERYTHING))
    whole, bare = await ask(service, path), await ask(service, path, "HEAD")
    assert (bare.status, bare.body) == (whole.status, b"")
    assert bare.headers["content-length"] == str(len(whole.body))


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/health/live", "POST", "GET, HEAD, OPTIONS"),
        ("/scripting", "PUT", "GET, HEAD, OPTIONS"),
        ("/config/reload", "GET", "POST, OPTIONS"),
    ],
)
async def test_other_methods_are_not_offered(
    tmp_path: Path, path: str, method: str, allowed: str
) -> None:
    answer = await ask(service_of(adapters(tmp_path, EVERYTHING)), path, method)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "method"), PATHS.items())
async def test_callers_prove_who_they_are(tmp_path: Path, path: str, method: str) -> None:
    guarded = EVERYTHING + ', authentication: {type: bearer, token: "{{OPS}}"}'
    service = service_of(adapters(tmp_path, guarded))
    refused = await ask(service, path, method)
    assert (refused.status, refused.headers["www-authenticate"]) == (401, 'Bearer realm="naftiko"')
    assert (await ask(service, path, method, BEARER)).status in (200, 202)


async def test_of_two_adapters_on_a_port_both_have_to_let_callers_in(tmp_path: Path) -> None:
    guarded = 'authentication: {type: bearer, token: "{{OPS}}"}'
    service = service_of(adapters(tmp_path, "", guarded))
    assert (await ask(service, "/health/live")).status == 401
    assert (await ask(service, "/health/live", headers=BEARER)).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "localhost:9100"}, 200),
        ({"Host": "evil.test:9100"}, 421),
        ({"Host": "localhost:9100", "Origin": "https://evil.test"}, 403),
    ],
)
async def test_pages_of_others_reach_nothing_over_loopback(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    service = service_of(adapters(tmp_path, EVERYTHING))
    answer = await ask(service, "/status", headers=headers, server="127.0.0.1")
    assert answer.status == status


async def test_no_secret_is_shown(tmp_path: Path) -> None:
    process = PlayedProcess((replace(STARTED, namespace=SECRET),))
    service = service_of(adapters(tmp_path, EVERYTHING, label=SECRET), process)
    told = [await ask(service, path) for path in ("/health/ready", "/status", "/scripting")]
    assert all(SECRET.encode() not in one.body for one in told)
    assert told[1].json["capability"]["label"] == "***"
