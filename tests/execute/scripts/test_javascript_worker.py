"""The process that JavaScript runs in, driven without a process."""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Callable

import pytest

from naftiko_runtime.execute.scripts import javascript_worker
from naftiko_runtime.execute.scripts.javascript_worker import Answer, Request

pytest.importorskip("py_mini_racer")


SECONDS = 60.0


class Stream:
    """Standard input or output."""

    def __init__(self, content: bytes = b"") -> None:
        self.buffer = io.BytesIO(content)


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[int, tuple[int, int]]:
    """The limits that would have been set for the process."""
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    return limits


@pytest.fixture
def ask(
    monkeypatch: pytest.MonkeyPatch, limits: dict[int, tuple[int, int]]
) -> Callable[..., list[Answer]]:
    """Send requests to a worker and return its answers."""

    def ask(*requests: Request) -> list[Answer]:
        written = Stream()
        bodies = [json.dumps(one).encode() for one in requests]
        sent = b"".join(len(body).to_bytes(4) + body for body in bodies)
        monkeypatch.setattr(sys, "stdin", Stream(sent))
        monkeypatch.setattr(sys, "stdout", written)
        javascript_worker.main()
        written.buffer.seek(0)
        answers: list[Answer] = []
        while head := written.buffer.read(4):
            answers.append(json.loads(written.buffer.read(int.from_bytes(head))))
        return answers

    return ask


def request(*sources: str, context: str | None = "{}", most: int = 100) -> Request:
    return {"sources": [*sources], "context": context, "seconds": SECONDS, "most": most}


def test_requests_are_answered_one_after_the_other(ask: Callable[..., list[Answer]]) -> None:
    first = request("var a = context.n", "result = a + 1", context='{"n": 1}')
    answers = ask(first, request("result = typeof a"), request(""))
    assert answers == [{"result": "2"}, {"result": '"undefined"'}, {"result": "null"}]


def test_what_is_no_result_is_refused(ask: Callable[..., list[Answer]]) -> None:
    texts = ["result = 10n", "result = () => 1", "result = 'a'.repeat(200)"]
    answers = ask(*(request(text) for text in texts))
    assert answers == [{"refused": "json"}, {"refused": "json"}, {"refused": "long"}]


def test_memory_is_bounded_in_scripts_and_in_their_results(
    ask: Callable[..., list[Answer]],
) -> None:
    full = "while (true) x.push(new Array(1e5).fill(x.length))"
    texts = [f"const x = []; {full}", f"const x = []; JSON.stringify = () => {{ {full} }}"]
    assert ask(*(request(text) for text in texts)) == [{"refused": "memory"}] * 2


def test_an_error_tells_its_text_and_line(ask: Callable[..., list[Answer]]) -> None:
    (answer,) = ask(request("a = 1", "\nb = nothing"))
    (problem,) = answer["problems"]
    assert (problem["source"], problem["line"], problem["kind"]) == (1, 2, "ReferenceError")


def test_a_thrown_value_that_is_no_error_has_no_name(ask: Callable[..., list[Answer]]) -> None:
    (answer,) = ask(request("throw ''"))
    (problem,) = answer["problems"]
    assert problem["kind"] == ""


def test_a_check_parses_every_text_and_runs_none(ask: Callable[..., list[Answer]]) -> None:
    (answer,) = ask(request("throw 1", "a = (", "while (true);", "\n}", context=None))
    found = [(one["source"], one["line"], one["kind"]) for one in answer["problems"]]
    assert found == [(1, 1, "SyntaxError"), (3, 2, "SyntaxError")]


def test_the_process_is_limited(
    ask: Callable[..., list[Answer]], limits: dict[int, tuple[int, int]]
) -> None:
    ask(request(""))
    assert limits[resource.RLIMIT_FSIZE] == (0, 0)
    assert limits[resource.RLIMIT_CORE] == (0, 0)
    assert limits[resource.RLIMIT_DATA] == (javascript_worker.DATA_BYTES,) * 2
    assert limits[resource.RLIMIT_NOFILE] == (javascript_worker.OPEN_FILES,) * 2
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert limits[resource.RLIMIT_CPU][0] <= used.ru_utime + used.ru_stime + SECONDS + 2
