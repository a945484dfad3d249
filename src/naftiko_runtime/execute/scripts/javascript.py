"""JavaScript in V8, as mini-racer has it; needs the extra `scripts`.

V8 ends its own process where memory lacks, and does not count buffers against its limit. So it runs
in worker processes, which are ended where they take too long: see `javascript_worker`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from naftiko_runtime.execute.scripts import javascript_worker
from naftiko_runtime.execute.scripts.engine import (
    AT_ONCE,
    NO_JSON,
    RESULT_BYTES,
    TOO_LARGE,
    TOO_LONG,
    TOO_SLOW,
    SyntaxProblem,
    failed,
    read_result,
)
from naftiko_runtime.execute.scripts.failures import script_error
from naftiko_runtime.execute.scripts.javascript_worker import Answer, Problem, Request
from naftiko_runtime.plan.scripts import ScriptPlan, ScriptSource
from naftiko_runtime.values import Deadline, Json

_COMMAND: Final = (sys.executable, "-I", str(Path(javascript_worker.__file__)))
_MOST_BYTES: Final = 7 * RESULT_BYTES
"""How long an answer may be: a result whose every character is escaped, and some more."""
_CHECK_SECONDS: Final = 10.0
_UNPARSED: Final = "it can't be parsed within the time and memory of a script"
_REASONS: Final = {"json": NO_JSON, "long": TOO_LONG, "memory": TOO_LARGE}


class Engine:
    """Runs JavaScript; a worker starts with the first script that finds none idle."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._idle: list[Process] = []

    async def run(self, script: ScriptPlan, context: bytes, deadline: Deadline) -> Json:
        """Run a script: `ScriptEngine.run`."""
        try:
            async with asyncio.timeout(deadline.remaining()), self._slots:
                answer = await self._ask(script, context.decode(), deadline)
        except TimeoutError:
            raise failed(TOO_SLOW) from None
        return _result(answer, script)

    async def aclose(self) -> None:
        """End every worker."""
        while self._idle:
            await _end(self._idle.pop())

    async def _ask(self, script: ScriptPlan, context: str, deadline: Deadline) -> Answer:
        """Let a worker answer; one that does not in time is ended.

        Raises:
            ScriptFailed: The worker broke off.
            TimeoutError: It took too long.
        """
        worker = self._idle.pop() if self._idle else await _start()
        seconds = min(script.seconds, deadline.remaining())
        try:
            async with asyncio.timeout(seconds):
                answer = await _exchange(worker, _request(script.sources, context, seconds))
        except BaseException:
            await asyncio.shield(_end(worker))
            raise
        self._idle.append(worker)
        return answer


async def _start() -> Process:
    return await asyncio.create_subprocess_exec(
        *_COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,  # an interrupt at the terminal is for the runtime alone
    )


async def _exchange(worker: Process, request: bytes) -> Answer:
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        worker.stdin.write(request)
        await worker.stdin.drain()
        length = int.from_bytes(await worker.stdout.readexactly(4))
        if length > _MOST_BYTES:
            raise failed(TOO_LONG)
        answer: Answer = json.loads(await worker.stdout.readexactly(length))
    except (OSError, ValueError, asyncio.IncompleteReadError):
        raise failed(TOO_LARGE) from None
    return answer


async def _end(worker: Process) -> None:
    if worker.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)  # asyncio's own would reap what it then waits for
    if worker.stdin is not None:
        worker.stdin.close()
    await worker.communicate()


def _request(sources: Sequence[ScriptSource], context: str | None, seconds: float) -> bytes:
    request: Request = {
        "sources": [source.text for source in sources],
        "context": context,
        "seconds": seconds,
        "most": RESULT_BYTES,
    }
    body = json.dumps(request).encode()
    return len(body).to_bytes(4) + body


def _result(answer: Answer, script: ScriptPlan) -> Json:
    if "result" in answer:
        return read_result(answer["result"])
    if "refused" in answer:
        raise failed(_REASONS[answer["refused"]])
    (problem,) = answer["problems"]
    source = script.sources[problem["source"]]
    raise script_error(source, problem["kind"], problem["line"] or None)


def check_syntax(sources: Sequence[ScriptSource]) -> list[SyntaxProblem]:
    """Return what is wrong with JavaScript files, without running them."""
    try:
        ended = subprocess.run(  # noqa: S603 - the interpreter itself, and a file of this package
            _COMMAND,
            input=_request(sources, None, _CHECK_SECONDS),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            timeout=_CHECK_SECONDS,
            check=False,
        )
        answer: Answer = json.loads(ended.stdout[4:])
    except (subprocess.TimeoutExpired, ValueError):
        return [SyntaxProblem(source, _UNPARSED) for source in sources]
    return [_syntax_problem(sources, problem) for problem in answer["problems"]]


def _syntax_problem(sources: Sequence[ScriptSource], problem: Problem) -> SyntaxProblem:
    detail = f"{problem['kind']}: {problem['message']}"
    return SyntaxProblem(sources[problem["source"]], detail, problem["line"] or None)
