"""Requests with large bodies: answered by a process of their own, and nobody notices."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import httpx
import pytest

from tests.end_to_end.commands import Process, Served, running, serve_command, serving, until
from tests.end_to_end.scripted_upstream import ScriptedUpstream, scripted_upstream
from tests.runtime.ports import write
from tests.stack import HANDSHAKE, STATELESS, tool_call

ANSWERING: Final = re.compile(r"requests with large bodies are answered by .* pid=(\d+)")
REST: Final = re.compile(r"REST +(http://\S+)")
LARGE: Final = json.dumps([{"name": "x" * 50, "number": 7}] * 10_000).encode()
Content: TypeAlias = bytes | Iterator[bytes]
JSON_TYPE: Final = {"content-type": "application/json"}
THINGS: Final = """\
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://127.0.0.1:1
    resources:
    - path: /things/{id}
      name: thing
      operations:
      - {name: get-thing, method: GET}
      - {name: put-thing, method: PUT, body: {type: json}}
    - path: /notes
      name: notes
      operations:
      - {name: add, method: POST, inputParameters: [{name: text, in: body, type: string}]}
  exposes:
  - {type: rest, namespace: things-rest, port: 0, resources: [
      {path: '/things/{id}', operations: [
        {method: GET, name: get-thing, call: api.get-thing},
        {method: PUT, name: put-thing, call: api.put-thing}]}]}
  - {type: mcp, namespace: things-mcp, port: 0, tools: [
      {name: get-thing, description: Note something, call: api.add}]}
"""


@contextmanager
def served(file: Path, upstream: ScriptedUpstream, *options: str) -> Iterator[Served]:
    """Serve the things until the block ends."""
    with serving(file, f"api={upstream.url}", {}, *options) as runtime:
        yield runtime


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "things.yaml", THINGS)


@pytest.fixture(scope="module")
def things(
    tmp_path_factory: pytest.TempPathFactory, upstream: ScriptedUpstream
) -> Iterator[Served]:
    """The things, for tests that leave everything as it is."""
    file = write(tmp_path_factory.mktemp("things") / "things.yaml", THINGS)
    with served(file, upstream) as runtime:
        comes_to_hand_over(runtime)
        yield runtime
        (pid,) = others(runtime.process)
        assert pid != runtime.process.pid
    assert is_gone(pid)


def put(
    runtime: Served, thing: str = "1", content: Content = LARGE, kind: str = "things"
) -> httpx.Response:
    """Put a thing, on a connection of its own."""
    url = f"{runtime.rest}/{kind}/{thing}"
    return httpx.put(url, content=content, headers=JSON_TYPE, trust_env=False, timeout=60)


def comes_to_hand_over(runtime: Served, kind: str = "things") -> None:
    """Wait until large requests are answered by another process, however long its start takes."""
    until(lambda: "connection" in put(runtime, kind=kind).headers, runtime.process)


def others(process: Process) -> list[int]:
    """Return the processes that have answered large requests so far, in order."""
    return [int(one) for one in ANSWERING.findall(process.stderr)]


def is_gone(pid: int) -> bool:
    """Return whether a process has ended, whoever is to take note of that."""
    with suppress(FileNotFoundError, ProcessLookupError):  # it may go while it is looked at
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def test_a_large_request_is_carried_out_byte_for_byte(
    things: Served, upstream: ScriptedUpstream
) -> None:
    response = put(things)
    assert (response.status_code, response.json()) == (200, {"data": {}})
    assert response.headers["connection"] == "close"
    assert upstream.received[-1].body == LARGE


def test_chunks_are_put_together(things: Served, upstream: ScriptedUpstream) -> None:
    response = put(things, content=iter([LARGE[:100], LARGE[100:]]))
    assert (response.status_code, response.headers["connection"]) == (200, "close")
    assert upstream.received[-1].body == LARGE


def test_a_large_request_that_is_wrong_is_told_so(things: Served) -> None:
    response = put(things, content=b"[" + b"1," * 200_000)
    assert (response.status_code, response.json()["code"]) == (400, "input-invalid")
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("version", [HANDSHAKE, STATELESS])
def test_a_tool_takes_large_arguments(
    things: Served, upstream: ScriptedUpstream, version: str
) -> None:
    text = LARGE.decode()
    body, headers = tool_call("1", version)
    body["params"]["arguments"] = {"text": text}
    response = httpx.post(things.mcp, json=body, headers=headers, trust_env=False, timeout=60)
    assert not response.json()["result"]["isError"]
    assert response.headers["connection"] == "close"
    assert json.loads(upstream.received[-1].body) == {"text": text}


def test_a_large_message_that_is_none_is_refused(things: Served) -> None:
    headers = {"accept": "application/json, text/event-stream", "content-type": "text/json"}
    response = httpx.post(things.mcp, content=LARGE, headers=headers, trust_env=False, timeout=60)
    assert (response.status_code, response.headers["connection"]) == (400, "close")


def test_a_large_request_that_comes_behind_another_is_answered_in_its_turn(things: Served) -> None:
    parts = urlsplit(things.rest)
    head = b"PUT /things/1 HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    with socket.create_connection((parts.hostname, parts.port or 80), 60) as connection:
        connection.sendall(b"GET /things/1 HTTP/1.1\r\nhost: x\r\n\r\n")
        connection.sendall(head + b"content-length: %d\r\n\r\n" % len(LARGE) + LARGE)
        received = b""
        while more := connection.recv(65_536):
            received += more
    first, second = received.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert (b"connection: close" in first, b"connection: close" in second) == (False, True)


def test_what_runs_there_is_told(things: Served) -> None:
    assert put(things).status_code == 200
    things.process.signal(signal.SIGUSR1)
    until(lambda: things.process.stderr.count(" connections, ") == 2, things.process)


def test_after_a_reload_another_process_answers(file: Path, upstream: ScriptedUpstream) -> None:
    with served(file, upstream, "--watch") as runtime:
        comes_to_hand_over(runtime)
        (first,) = others(runtime.process)
        write(file, THINGS.replace("/things/{id}', operations", "/objects/{id}', operations"))
        until(lambda: "reloaded" in runtime.process.stderr, runtime.process)
        assert put(runtime).status_code == 404
        comes_to_hand_over(runtime, "objects")
        assert put(runtime, kind="objects").status_code == 200
        until(lambda: is_gone(first), runtime.process)
        assert len(others(runtime.process)) == 2


def test_files_that_changed_without_a_reload_are_not_served_elsewhere(
    file: Path, upstream: ScriptedUpstream
) -> None:
    with served(file, upstream) as runtime:
        write(file, THINGS.replace("/things/{id}', operations", "/objects/{id}', operations"))
        assert put(runtime).status_code == 200
        told = "answered here, in turns: files have changed"
        until(lambda: told in runtime.process.stderr, runtime.process)
        assert "connection" not in put(runtime).headers
        assert not others(runtime.process)


def test_a_process_that_is_killed_is_replaced(file: Path, upstream: ScriptedUpstream) -> None:
    with served(file, upstream) as runtime:
        comes_to_hand_over(runtime)
        os.kill(others(runtime.process)[0], signal.SIGKILL)
        until(lambda: "large bodies ended (-9)" in runtime.process.stderr, runtime.process)
        comes_to_hand_over(runtime)
        assert len(set(others(runtime.process))) == 2


def test_a_stop_lets_large_requests_finish(file: Path) -> None:
    answers: list[httpx.Response] = []
    with scripted_upstream() as upstream, served(file, upstream) as runtime:
        comes_to_hand_over(runtime)
        asking = Thread(target=lambda: answers.append(put(runtime, "stalls")))
        asking.start()
        until(upstream.stalled.is_set, runtime.process)
        runtime.process.terminate()
        upstream.released.set()
        asking.join()
    assert [one.status_code for one in answers] == [200]


def test_a_process_ends_without_the_one_that_has_started_it(
    file: Path, upstream: ScriptedUpstream
) -> None:
    with running(serve_command(file, f"api={upstream.url}"), {}) as process:
        runtime = Served(process.awaits(REST), "", process)
        comes_to_hand_over(runtime)
        (other,) = others(process)
        process.signal(signal.SIGKILL)
        until(lambda: is_gone(other), process)


def test_each_worker_has_one(file: Path, upstream: ScriptedUpstream) -> None:
    with served(file, upstream, "--workers", "2") as runtime:
        until(lambda: put(runtime).status_code == 200, runtime.process)

        def have_both() -> bool:
            put(runtime)
            return len(set(others(runtime.process))) == 2

        until(have_both, runtime.process)
