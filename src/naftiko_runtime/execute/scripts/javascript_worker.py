"""The process that JavaScript runs in: V8 without compiler, evaluation of text or WebAssembly.

It is started as a program of its own, with an empty environment, and imports nothing of this
package. Each request on standard input, and each answer on standard output, is JSON behind its
length in four bytes. Limits of the operating system hold for the whole process: V8 ends its process
where memory lacks, and it counts no buffers. Whoever started the process ends it at the deadline;
should that one be gone, the limit on processor time does.
"""

from __future__ import annotations

import json
import math
import re
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from typing import BinaryIO, Final, Protocol, TypedDict

HEAP_BYTES: Final = 64 * 1024 * 1024
DATA_BYTES: Final = 384 * 1024 * 1024
OPEN_FILES: Final = 32

_FLAGS: Final = (
    "--single-threaded",
    "--jitless",
    "--disallow-code-generation-from-strings",
    f"--max-heap-size={2 * HEAP_BYTES // 1024**2}",  # where V8 ends its process
)
_ERROR: Final = re.compile(r"<anonymous>:(\d+): (?:Uncaught )?(\w+)(?:: (.*))?")
_STOP: Final = "throw 0;\n"
"""Ends a script before it begins, once all of it was parsed."""
_STOPPED: Final = "0"
_PREPARE: Final = """
setTimeout = clearTimeout = __timer_manager = undefined;
globalThis.context = JSON.parse({});
globalThis.result = undefined;
0"""
_RESULT: Final = "JSON.stringify(result === undefined ? null : result)"


class Request(TypedDict):
    """What to do.

    Attributes:
        sources: The texts that run, in order; a check only parses them.
        context: What they see as `context`, in JSON; None for a check.
        seconds: How much time they have.
        most: How long the result may be, in characters.
    """

    sources: list[str]
    context: str | None
    seconds: float
    most: int


class Problem(TypedDict):
    """An error in a text.

    Attributes:
        source: Which text it is in.
        line: Where in that text, from 1; 0 if that is not known.
        kind: The name of the error.
        message: What it says itself.
    """

    source: int
    line: int
    kind: str
    message: str


class Answer(TypedDict, total=False):
    """What came of it: one of these.

    Attributes:
        result: The result, in JSON.
        refused: Why there is none, where it is no error: `json`, `long` or `memory`.
        problems: The error of the script; or of a check, that of each text that has one.
    """

    result: str
    refused: str
    problems: list[Problem]


class _Isolate(Protocol):
    """What is used of mini-racer."""

    def eval(self, code: str, /) -> object: ...

    def set_hard_memory_limit(self, limit: int, /) -> None: ...

    def was_hard_memory_limit_reached(self) -> bool: ...

    def __enter__(self) -> _Isolate: ...

    def __exit__(self, *_: object) -> None: ...


_Open = Callable[[], _Isolate]


def main() -> None:
    """Answer requests until there are no more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, DATA_BYTES))
    isolate = start_engine()
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    while (request := _read(sys.stdin.buffer)) is not None:
        _limit_processor_time(request["seconds"])
        _write(sys.stdout.buffer, answer(request, isolate))


def start_engine() -> _Open:
    """Load V8; return what opens a fresh isolate."""
    racer = import_module("py_mini_racer")
    racer.init_mini_racer(flags=_FLAGS, ignore_duplicate_init=True)
    isolate: _Open = racer.MiniRacer
    return isolate


def answer(request: Request, isolate: _Open) -> Answer:
    """Do what a request says, in an isolate of its own."""
    if request["context"] is None:
        return _checked(request["sources"], isolate)
    with isolate() as opened:
        context = json.dumps(request["context"])
        opened.set_hard_memory_limit(HEAP_BYTES)
        opened.eval(_PREPARE.format(context))
        for number, source in enumerate(request["sources"]):
            try:
                opened.eval(source + "\n;0")
            except Exception as error:  # noqa: BLE001 - whatever a script throws
                if opened.was_hard_memory_limit_reached():
                    return {"refused": "memory"}
                return {"problems": [_problem(error, number)]}
        return _result(opened, request["most"])


def _result(opened: _Isolate, most: int) -> Answer:
    try:
        result = opened.eval(_RESULT)
    except Exception:  # noqa: BLE001 - likewise
        return {"refused": "memory" if opened.was_hard_memory_limit_reached() else "json"}
    if not isinstance(result, str):
        return {"refused": "json"}
    return {"result": result} if len(result) <= most else {"refused": "long"}


def _checked(sources: list[str], isolate: _Open) -> Answer:
    """Return the problems of texts that are only parsed."""
    problems: list[Problem] = []
    with isolate() as opened:
        for number, source in enumerate(sources):
            try:
                opened.eval(_STOP + source)
            except Exception as error:  # noqa: BLE001 - a thrown 0, or a syntax error
                problem = _problem(error, number)
                problem["line"] = max(0, problem["line"] - 1)
                if problem["kind"] != _STOPPED:
                    problems.append(problem)
    return {"problems": problems}


def _problem(error: Exception, number: int) -> Problem:
    match = _ERROR.match(str(error))
    line, kind, message = match.groups() if match else ("0", "", None)
    return {"source": number, "line": int(line), "kind": kind, "message": message or ""}


def _limit_processor_time(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _read(stream: BinaryIO) -> Request | None:
    head = stream.read(4)
    if len(head) < 4:
        return None
    request: Request = json.loads(stream.read(int.from_bytes(head)))
    return request


def _write(stream: BinaryIO, given: Answer) -> None:
    body = json.dumps(given).encode()
    stream.write(len(body).to_bytes(4) + body)
    stream.flush()


if __name__ == "__main__":
    main()
