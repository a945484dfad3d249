"""Python in the sandbox of pydantic-monty; needs the extra `scripts`.

Monty is an interpreter of its own that knows a part of Python. It has no files, no network, no
processes and no environment, and runs in worker processes that it ends when they go over a limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Final, Protocol, TypedDict

from naftiko_runtime.execute.scripts.engine import (
    AT_ONCE,
    MEMORY_BYTES,
    NO_JSON,
    TOO_LARGE,
    TOO_SLOW,
    SyntaxProblem,
    failed,
    read_result,
)
from naftiko_runtime.execute.scripts.failures import script_error
from naftiko_runtime.plan.scripts import ScriptPlan, ScriptSource
from naftiko_runtime.values import Deadline, Json

_MODULE: Final = "pydantic_monty"
_RECURSION: Final = 200
_SUSPENSIONS: Final = 100
_GRACE_SECONDS: Final = 0.5
_CHECK_SECONDS: Final = 5.0

_READ_CONTEXT: Final = "import json\ncontext = json.loads(context)\nresult = None"
_WRITE_RESULT: Final = "import json\njson.dumps(result)"
_FIRST_LINE: Final = "1 / 0\n"
"""Ends a script before it begins, once all of it was parsed."""


class _Limits(TypedDict):
    """What a session may use, as Monty has it."""

    max_feed_duration_secs: float
    max_memory: int
    max_recursion_depth: int
    max_suspensions: int
    max_total_sleep_secs: float


class _Frame(Protocol):
    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class _Session(Protocol):
    """What is used of Monty's sessions."""

    def feed_run(
        self,
        code: str,
        *,
        inputs: dict[str, str] | None = None,
        print_callback: Callable[[str, str], None],
    ) -> object: ...


class _Pool(Protocol):
    """What is used of Monty's pools."""

    def checkout(self, *, limits: _Limits) -> AbstractContextManager[_Session]: ...

    def __enter__(self) -> _Pool: ...

    def __exit__(self, *_: object) -> object: ...


class Engine:
    """Runs Python scripts; the workers start with the first of them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "python-script")
        self._pool: _Pool | None = None

    async def run(self, script: ScriptPlan, context: bytes, deadline: Deadline) -> Json:
        """Run a script: `ScriptEngine.run`."""
        if self._pool is None:
            self._pool = _open_pool()
        running = asyncio.get_running_loop().run_in_executor(
            self._threads, _run, self._pool, script, context.decode(), deadline
        )
        try:
            async with asyncio.timeout(deadline.remaining() + 2 * _GRACE_SECONDS):
                text = await running
        except TimeoutError:
            raise failed(TOO_SLOW) from None
        return read_result(text)

    async def aclose(self) -> None:
        """End every worker, once what runs in it is over."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        if self._pool is not None:
            self._pool.__exit__(None, None, None)
            self._pool = None


def check_syntax(sources: Sequence[ScriptSource]) -> list[SyntaxProblem]:
    """Return what is wrong with Python files, without running them."""
    pool = _open_pool()
    try:
        found = [_syntax_problem(pool, source) for source in sources]
    finally:
        pool.__exit__(None, None, None)
    return [one for one in found if one is not None]


def _open_pool() -> _Pool:
    monty = import_module(_MODULE)
    pool: _Pool = monty.Monty(
        min_processes=0, max_processes=AT_ONCE, feed_duration_limit_grace=_GRACE_SECONDS
    )
    return pool.__enter__()


def _limits(seconds: float) -> _Limits:
    return {
        "max_feed_duration_secs": seconds,
        "max_memory": MEMORY_BYTES,
        "max_recursion_depth": _RECURSION,
        "max_suspensions": _SUSPENSIONS,
        "max_total_sleep_secs": 0.0,
    }


def _run(pool: _Pool, script: ScriptPlan, context: str, deadline: Deadline) -> str:
    """Run a script in a worker; return its result in JSON.

    Raises:
        ScriptFailed: It failed, or went over a limit.
    """
    monty = import_module(_MODULE)
    seconds = min(script.seconds, deadline.remaining())
    if not seconds:
        raise failed(TOO_SLOW)
    running: ScriptSource | None = None
    try:
        with pool.checkout(limits=_limits(seconds)) as session:
            session.feed_run(_READ_CONTEXT, inputs={"context": context}, print_callback=_silent)
            for running in script.sources:
                session.feed_run(running.text, print_callback=_silent)
            running = None
            return str(session.feed_run(_WRITE_RESULT, print_callback=_silent))
    except monty.MontyCrashedError as error:
        raise failed(TOO_SLOW if error.timed_out else TOO_LARGE) from None
    except monty.MontyError as error:
        raise _error(error, running) from None


def _error(error: Exception, running: ScriptSource | None) -> Exception:
    """Return what a script's own error is to callers: nothing of what it says itself."""
    kind = type(error.exception()).__name__ if hasattr(error, "exception") else ""
    if kind == "TimeoutError" and "limit exceeded" in str(error):
        return failed(TOO_SLOW)
    if kind == "MemoryError":
        return failed(TOO_LARGE)
    if running is None:
        return failed(NO_JSON)
    frames: Sequence[_Frame] = error.traceback() if hasattr(error, "traceback") else ()
    return script_error(running, kind, frames[-1].line if frames else None)


def _syntax_problem(pool: _Pool, source: ScriptSource) -> SyntaxProblem | None:
    monty = import_module(_MODULE)
    with pool.checkout(limits=_limits(_CHECK_SECONDS)) as session:
        try:
            session.feed_run(_FIRST_LINE + source.text, print_callback=_silent)
        except monty.MontySyntaxError as error:
            return _problem(source, error)
        except monty.MontyRuntimeError as error:
            if not isinstance(error.exception(), ZeroDivisionError):
                return _problem(source, error)
    return None


def _problem(source: ScriptSource, error: Exception) -> SyntaxProblem:
    frames: Sequence[_Frame] = error.traceback() if hasattr(error, "traceback") else ()
    detail = str(error).splitlines()[0] if str(error) else type(error).__name__
    if not frames:
        return SyntaxProblem(source, detail)
    return SyntaxProblem(source, detail, max(1, frames[-1].line - 1), frames[-1].column)


def _silent(_stream: str, _text: str) -> None:
    """Drop what a script prints: there is no one to read it."""
