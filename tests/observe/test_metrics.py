"""What is counted and timed, as Prometheus reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as read_text

from naftiko_runtime.observe.exposition import expose
from naftiko_runtime.observe.levels import Levels
from naftiko_runtime.observe.metrics import Metrics
from naftiko_runtime.secrecy import Secrecy
from naftiko_runtime.values import OTHER_METHOD
from tests.end_to_end.commands import ROOT

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
SECRET = "acme-7f0e"
NOTHING = Levels("1.2.3", (), 0, 0, {})

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def metrics() -> Metrics:
    return Metrics(Secrecy([SECRET]).mask)


def samples(made: Metrics, levels: Levels = NOTHING, process: str | None = None) -> Samples:
    """Return every value that is shown, by name and labels."""
    _, text = expose([(process, made.pack(levels))], "")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in read_text(text.decode())
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    """Return the value of one series."""
    return found[name, frozenset(labels.items())]


def named(found: Samples, prefix: str) -> list[Mapping[str, str]]:
    """Return the labels of all series whose names begin so."""
    return [dict(labels) for name, labels in found if name.startswith(prefix)]


def unit(face: str, operation: str) -> dict[str, str]:
    return {"naftiko_adapter_type": face, "naftiko_operation_id": operation}


def test_answers_of_both_faces_and_of_skills_are_counted_and_timed() -> None:
    made = metrics()
    made.rest_answered("GET", "/ships/1", "fleet.get-ship", 200, 0.2, "id")
    made.rest_answered("GET", "/ships/2", "fleet.get-ship", 200, 0.4, "id")
    made.skill_answered("GET", "/skills/watch", "s.watch", 200, 0.1, "id")
    made.mcp_called("fleet.ship", False, 0.1, "id")
    made.mcp_called("fleet.chart", False, 0.1, "id", "resources/read")
    found = samples(made)
    rest = unit("rest", "fleet.get-ship") | {"status": "200"}
    assert value(found, "naftiko_request_total", **rest) == 2
    assert value(found, "naftiko_request_duration_seconds_count", **rest) == 2
    assert value(found, "naftiko_request_duration_seconds_sum", **rest) == pytest.approx(0.6)
    assert value(found, "naftiko_request_duration_seconds_bucket", **rest, le="0.25") == 1
    skill = unit("skill", "s.watch") | {"status": "200"}
    assert value(found, "naftiko_request_total", **skill) == 1
    for operation in ("fleet.ship", "fleet.chart"):
        mcp = unit("mcp", operation) | {"status": "OK"}
        assert value(found, "naftiko_request_total", **mcp) == 1
    assert named(found, "naftiko_request_errors") == []


def test_what_fails_is_counted_by_its_kind() -> None:
    made = metrics()
    made.rest_answered("GET", "/", "fleet.get-ship", 502, 0.1, "id")
    made.rest_answered("GET", "/", "fleet.get-ship", 404, 0.1, "id")
    made.mcp_called("fleet.ship", True, 0.1, "id")
    found = samples(made)
    rest, mcp = unit("rest", "fleet.get-ship"), unit("mcp", "fleet.ship")
    assert value(found, "naftiko_request_errors", **rest, error_type="502") == 1
    assert value(found, "naftiko_request_errors", **mcp, error_type="handled_error") == 1
    assert len(named(found, "naftiko_request_errors")) == 2
    assert value(found, "naftiko_request_total", **mcp, status="ERROR") == 1


def test_no_path_of_a_caller_becomes_a_label() -> None:
    made = metrics()
    for number in range(100):
        made.rest_answered("GET", f"/guess/{number}", None, 404, 0.1, f"id-{number}")
    expected = unit("rest", "unknown") | {"status": "404"}
    assert named(samples(made), "naftiko_request_total") == [expected]


def test_requests_to_upstream_are_counted_and_timed() -> None:
    made = metrics()
    made.exchanged("GET", "api.test", 503, 0.2)
    made.exchanged("POST", "api.test", "upstream-timeout", 30.5)
    found = samples(made)
    answered = {
        "http_request_method": "GET",
        "server_address": "api.test",
        "http_response_status_code": "503",
    }
    failed = {
        "http_request_method": "POST",
        "server_address": "api.test",
        "error_type": "upstream-timeout",
    }
    assert value(found, "naftiko_http_client_total", **answered) == 1
    assert value(found, "naftiko_http_client_duration_seconds_bucket", **failed, le="30.0") == 0
    assert value(found, "naftiko_http_client_duration_seconds_bucket", **failed, le="+Inf") == 1


def test_methods_that_callers_make_up_are_one() -> None:
    made = metrics()
    made.exchanged("BREW", "api.test", 200, 0.1)
    made.exchanged("PURGE", "api.test", 200, 0.1)
    (labels,) = named(samples(made), "naftiko_http_client_total")
    assert labels["http_request_method"] == OTHER_METHOD


def test_what_the_process_has_in_hand_is_shown() -> None:
    circuits = {"https://up.test": False, "https://down.test": True}
    found = samples(metrics(), Levels("1.2.3", ["Fleet", "Fleet", "Crew"], 3, 2, circuits))
    assert value(found, "naftiko_capability_active", naftiko_capability="Fleet") == 1
    assert value(found, "naftiko_capability_active", naftiko_capability="Crew") == 1
    assert value(found, "naftiko_circuit_open", origin="https://down.test") == 1
    assert value(found, "naftiko_circuit_open", origin="https://up.test") == 0
    assert value(found, "naftiko_build_info", version="1.2.3") == 1
    assert value(found, "naftiko_connections_open") == 3
    assert value(found, "naftiko_calls_in_progress") == 2
    assert value(found, "process_resident_memory_bytes") > 0


def test_secrets_are_hidden_in_labels() -> None:
    made = metrics()
    made.rest_answered("GET", "/", f"{SECRET}.get", 200, 0.1, "id")
    made.exchanged("GET", f"{SECRET}.api.test", 200, 0.1)
    packed = made.pack(Levels("1", [SECRET], 0, 0, {f"https://{SECRET}.api.test": False}))
    _, text = expose([(None, packed)], "")
    assert SECRET.encode() not in text
    assert b'server_address="***.api.test"' in text


def test_processes_are_told_apart() -> None:
    one, other = metrics(), metrics()
    one.mcp_called("fleet.ship", False, 0.1, "id")
    other.mcp_called("fleet.ship", False, 0.1, "id")
    packed = [("2", other.pack(NOTHING)), ("1", one.pack(NOTHING)), (None, one.pack(NOTHING))]
    _, text = expose(packed, "")
    families = {one.name: one for one in read_text(text.decode())}
    told = families["naftiko_request"].samples
    assert [one.labels.get("worker") for one in told] == [None, "1", "2"]


@pytest.mark.parametrize("accept", ["", "*/*", "text/plain;version=0.0.4"])
def test_the_text_format_is_usual(accept: str) -> None:
    media_type, text = expose([(None, metrics().pack(NOTHING))], accept)
    assert media_type == "text/plain; version=0.0.4; charset=utf-8"
    assert b"# TYPE naftiko_request_total counter" in text
    assert b"_created" not in text


@pytest.mark.parametrize("version", ["0.0.1", "1.0.0", "one; escaping=none", ""])
def test_whatever_version_of_openmetrics_is_asked_for_there_is_one(version: str) -> None:
    accept = f"application/openmetrics-text; version={version}, text/plain;q=0.5"
    media_type, _ = expose([(None, metrics().pack(NOTHING))], accept)
    assert media_type == "application/openmetrics-text; version=1.0.0; charset=utf-8"


def test_openmetrics_is_there_for_those_who_ask() -> None:
    made = metrics()
    made.rest_answered("GET", "/", "fleet.get-ship", 502, 0.1, "id")
    media_type, text = expose([(None, made.pack(NOTHING))], OPENMETRICS)
    assert media_type.startswith("application/openmetrics-text; version=1.0.0")
    read: Iterator[Any] = read_openmetrics(text.decode())  # type: ignore[no-untyped-call]
    families = {one.name: one for one in read}
    assert families["naftiko_request"].type == "counter"
    assert families["naftiko_request_errors"].samples[0].value == 1


_COUNTED = """
from tests.observe.test_metrics import metrics
metrics().rest_answered("GET", "/", "fleet.get-ship", 200, 0.1, "id")
"""


def test_a_variable_for_other_programs_does_not_steer_it() -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": "/nowhere"}
    subprocess.run([sys.executable, "-c", _COUNTED], check=True, cwd=ROOT, env=environment)
