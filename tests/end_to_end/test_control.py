"""The management port of a running command: what probes, scrapers and operators get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest

from naftiko_runtime._version import __version__
from tests.end_to_end.collector import collecting
from tests.end_to_end.commands import Served, serving, until
from tests.end_to_end.scripted_upstream import ScriptedUpstream
from tests.end_to_end.test_siding import put
from tests.runtime.ports import write
from tests.stack import HANDSHAKE, tool_call

CONTROL: Final = re.compile(r"control (http://\S+)")
TOKEN: Final = "canary-operator-5c7e"
BEARER: Final = {"Authorization": f"Bearer {TOKEN}"}
THINGS: Final = """\
naftiko: 1.0.0-alpha3
info: {label: Things}
binds: [{keys: {OPERATOR: OPERATOR}}]
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://127.0.0.1:1
    x-resilience: {retries: off}
    resources:
    - path: /things/{id}
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
  - type: control
    namespace: ops
    authentication: {type: bearer, token: "{{OPERATOR}}"}
    management: {info: true, reload: true, scripting: {timeout: 700}}
"""


@dataclass(frozen=True, slots=True)
class Controlled:
    """A capability with a management port.

    Attributes:
        runtime: What serves it.
        url: The port's.
        file: The capability.
    """

    runtime: Served
    url: str
    file: Path

    def ask(self, path: str, method: str = "GET") -> httpx.Response:
        """Ask, as an operator who is let in."""
        return httpx.request(method, f"{self.url}{path}", headers=BEARER, trust_env=False)

    def call(self) -> None:
        """Call once over each face."""
        response = httpx.get(f"{self.runtime.rest}/things/1", trust_env=False)
        assert response.status_code == 200
        body, headers = tool_call("1", HANDSHAKE)
        response = httpx.post(self.runtime.mcp, json=body, headers=headers, trust_env=False)
        assert not response.json()["result"]["isError"]

    def value(self, series: str) -> float:
        """Return the sum of all series of a name that have these labels, a pattern."""
        lines = re.findall(rf"^{series} (\S+)$", self.ask("/metrics").text, re.MULTILINE)
        return sum(map(float, lines))


@contextmanager
def controlled(folder: Path, upstream: ScriptedUpstream, *options: str) -> Iterator[Controlled]:
    """Serve the things, with temporary files in a folder, until the block ends."""
    file = write(folder / "things.yaml", THINGS)
    (folder / "tmp").mkdir()
    environment = {"OPERATOR": TOKEN, "TMPDIR": str(folder / "tmp")}
    more = ("--control-port", "0", *options)
    with serving(file, f"api={upstream.url}", environment, *more) as runtime:
        yield Controlled(runtime, runtime.process.awaits(CONTROL), file)
    assert list((folder / "tmp").iterdir()) == [], "something was left behind"


@pytest.fixture(scope="module")
def things(
    tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedUpstream
) -> Iterator[Controlled]:
    with controlled(tmp_path_factory.mktemp("things"), upstream) as made:
        yield made


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/status", "/metrics"])
def test_only_who_is_let_in_is_told_anything(things: Controlled, path: str) -> None:
    assert httpx.get(f"{things.url}{path}", trust_env=False).status_code == 401
    assert things.ask(path).status_code == 200


def test_probes_are_told_that_it_is_ready(things: Controlled) -> None:
    assert things.ask("/health/live").json() == {"status": "UP"}
    told = things.ask("/health/ready").json()
    assert told["status"] == "UP"
    assert [one["type"] for one in told["adapters"]] == ["rest", "mcp", "control"]
    assert {f"http://127.0.0.1:{one['port']}" for one in told["adapters"]} == {
        things.runtime.rest,
        things.runtime.mcp.removesuffix("/mcp"),
        things.url,
    }


def test_operators_are_told_what_runs(things: Controlled) -> None:
    told = things.ask("/status").json()
    assert told["capability"] == {"label": "Things", "specVersion": "1.0.0-alpha3"}
    assert told["engine"]["version"] == __version__
    assert things.ask("/scripting").json() == {"enabled": True, "timeout": 700}


def test_calls_over_both_faces_are_counted_with_their_requests(things: Controlled) -> None:
    requests = 'naftiko_request_total{{naftiko_adapter_type="{}",naftiko_operation_id="{}",.*}}'
    rest = requests.format("rest", "things-rest.get-thing")
    mcp = requests.format("mcp", "things-mcp.get-thing")
    sent = r'naftiko_http_client_total{.*server_address="127.0.0.1"}'
    before = [things.value(one) for one in (rest, mcp, sent)]
    things.call()
    assert [things.value(one) for one in (rest, mcp, sent)] == [
        before[0] + 1,
        before[1] + 1,
        before[2] + 2,
    ]


def test_no_label_is_a_path_or_a_secret(things: Controlled) -> None:
    httpx.get(f"{things.runtime.rest}/things/canary-7?key=canary-8", trust_env=False)
    httpx.get(f"{things.runtime.rest}/nowhere/canary-9", trust_env=False)
    assert "canary" not in things.ask("/metrics").text


def test_the_process_beside_is_shown_too(things: Controlled) -> None:
    assert put(things.runtime).status_code == 200
    counted = r'naftiko_request_total{.*"things-rest.put-thing",status="200",worker="beside"}'
    assert things.value(counted) >= 1
    assert things.value("process_open_fds") > 0
    assert things.value('process_open_fds{worker="beside"}') > 0


def test_a_reload_answers_when_it_has_taken_effect(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    with controlled(tmp_path, upstream) as things:
        things.call()
        write(things.file, THINGS.replace("path: '/things/{id}'", "path: '/all/{id}'"))
        answer = things.ask("/config/reload", "POST")
        assert answer.json() == {
            "status": "reloaded",
            "served": [str(things.file)],
            "kept": [],
            "leftOut": [],
            "diagnostics": [],
        }
        assert httpx.get(f"{things.runtime.rest}/all/1", trust_env=False).status_code == 200
        write(things.file, "capability: [")
        answer = things.ask("/config/reload", "POST")
        assert answer.json()["kept"] == [str(things.file)]
        assert [one["code"] for one in answer.json()["diagnostics"]] == ["yaml-invalid"]
        assert things.ask("/health/ready").status_code == 200
        assert things.value(r'naftiko_request_total{.*"things-rest.get-thing".*}') == 2
        write(things.file, THINGS)
        assert things.ask("/config/reload", "POST").json()["kept"] == []


def test_metrics_are_there_once_a_reload_has_brought_an_adapter_that_shows_them(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    silent = THINGS.replace(
        "    management:", "    observability: {enabled: false}\n    management:"
    )
    file = write(tmp_path / "silent.yaml", silent)
    options = ("--control-port", "0")
    with serving(file, f"api={upstream.url}", {"OPERATOR": TOKEN}, *options) as runtime:
        made = Controlled(runtime, runtime.process.awaits(CONTROL), file)
        made.call()
        assert made.ask("/metrics").status_code == 404
        write(file, THINGS)
        made.ask("/config/reload", "POST")
        assert made.value(r"naftiko_request_total{.*}") == 0
        made.call()
        assert made.value(r"naftiko_request_total{.*}") == 2
        assert made.value(r"naftiko_http_client_total{.*}") == 2


def test_what_is_traced_is_shown_wherever_it_was(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    with collecting() as collector:
        file = write(tmp_path / "things.yaml", THINGS)
        environment = {"OPERATOR": TOKEN, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        options = ("--control-port", "0", "--tracing")
        with serving(file, f"api={upstream.url}", environment, *options) as runtime:
            things = Controlled(runtime, runtime.process.awaits(CONTROL), file)
            things.call()
            assert put(runtime).status_code == 200

            def names() -> set[str]:
                return {one["operation"] for one in things.ask("/traces").json()["traces"]}

            expected = {"GET /things/{id}", "tools/call get-thing", "PUT /things/{id}"}
            until(lambda: expected <= names(), runtime.process)
            (one,) = things.ask("/traces?operation=tools").json()["traces"]
            assert one["spanCount"] == 2
            told = things.ask(f"/traces/{one['traceId']}").json()["spans"]
            assert [span["kind"] for span in told] == ["SERVER", "CLIENT"]


def test_without_tracing_no_traces_are_shown(things: Controlled) -> None:
    assert things.ask("/traces").json()["code"] == "tracing-off"


def test_whichever_worker_is_asked_shows_all(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    with controlled(tmp_path, upstream, "--workers", "2") as things:

        def have_both() -> bool:
            things.call()
            told = things.ask("/metrics").text
            counted = re.findall(r'^naftiko_request_total{.*worker="(\d)"}', told, re.MULTILINE)
            return set(counted) == {"1", "2"}

        until(have_both, things.runtime.process)
        for _ in range(8):  # whoever answers
            assert things.value('naftiko_build_info{.*worker="1"}') == 1
            assert things.value('naftiko_build_info{.*worker="2"}') == 1
        process = things.runtime.process
        write(things.file, THINGS.replace("path: '/things/{id}'", "path: '/all/{id}'"))
        answer = things.ask("/config/reload", "POST")
        assert (answer.status_code, answer.json()) == (202, {"status": "requested"})
        until(lambda: "reloaded: 1 capability served" in process.stderr, process)
        assert httpx.get(f"{things.runtime.rest}/all/1", trust_env=False).status_code == 200
