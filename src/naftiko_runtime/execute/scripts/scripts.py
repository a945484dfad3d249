"""Scripts of all languages, and what they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Protocol, cast

from naftiko_runtime.execute.scripts.engine import CheckSyntax, ScriptEngine, SyntaxProblem
from naftiko_runtime.plan.expressions import to_json
from naftiko_runtime.plan.governance import JAVASCRIPT, PYTHON
from naftiko_runtime.plan.scripts import ScriptPlan, ScriptSource
from naftiko_runtime.values import Deadline, Json

EXTRA: Final = "naftiko-runtime[scripts]"
"""What has to be installed for scripts of any language."""

_NEEDED: Final = {PYTHON: "pydantic_monty", JAVASCRIPT: "py_mini_racer"}


class _Language(Protocol):
    """The module of a language, which is called like it."""

    Engine: Callable[[], ScriptEngine]
    check_syntax: CheckSyntax


def _language(name: str) -> _Language:
    """Import the module of a language: what has no scripts does without."""
    return cast(_Language, import_module(f"naftiko_runtime.execute.scripts.{name}"))


def missing_extra(language: str) -> str | None:
    """Return the extra that a language needs and that is not installed."""
    return None if find_spec(_NEEDED[language]) is not None else EXTRA


def check_syntax(language: str, sources: Sequence[ScriptSource]) -> list[SyntaxProblem]:
    """Return what is wrong with files of a language whose extra is installed."""
    return _language(language).check_syntax(sources)


class Scripts:
    """Runs scripts; the engine of a language starts with the first script in it."""

    def __init__(self) -> None:
        self._engines: dict[str, ScriptEngine] = {}

    async def run(self, script: ScriptPlan, context: dict[str, Json], deadline: Deadline) -> Json:
        """Run a script: `ScriptEngine.run`."""
        engine = self._engines.get(script.language)
        if engine is None:
            engine = self._engines[script.language] = _language(script.language).Engine()
        return await engine.run(script, to_json(context), deadline)

    async def aclose(self) -> None:
        """End all engines."""
        for engine in self._engines.values():
            await engine.aclose()
        self._engines.clear()
