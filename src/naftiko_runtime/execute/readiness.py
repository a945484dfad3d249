"""Whether all that a capability needs for its calls is there: decoders, schemas, script engines.

This is found out at load, and not by the first call that needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from naftiko_runtime.diagnostics import Diagnostic, Position, Severity, did_you_mean
from naftiko_runtime.execute import formats, scripts
from naftiko_runtime.execute.scripts import SyntaxProblem
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.exposed import Kind, operations_of, scripts_of, units_of
from naftiko_runtime.plan.formats import FormatPlan
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.scripts import ScriptSource
from naftiko_runtime.plan.steps import CallStep
from naftiko_runtime.values import record


@record
class _Problem:
    """Why something can't be executed, whatever unit needs it."""

    code: str
    message: str
    at: Position
    hint: str | None


@record
class Unready:
    """A unit that could not be executed.

    Attributes:
        operation: What it would execute.
        diagnostic: An error that says why, and names the unit.
    """

    operation: Operation
    diagnostic: Diagnostic


def check(capability: Capability) -> list[Unready]:
    """Return every reason why a unit could not be executed, in the order of the document."""
    checks = _Checks(_problems_of_files(operations_of(capability)))
    return [
        Unready(operation, _diagnostic(kind, operation.address, problem))
        for kind, operation in units_of(capability)
        for problem in checks.problems(operation)
    ]


def _diagnostic(kind: Kind, unit: str, problem: _Problem) -> Diagnostic:
    message = f"{problem.message}; the {kind} {unit} is left out"
    return Diagnostic(Severity.ERROR, problem.code, message, problem.at, problem.hint, unit)


@dataclass(slots=True)
class _Checks:
    """What is wrong with each file and each format, however many units share it.

    Attributes:
        files: The problems of scripts' files.
        formats: The problem of each format that was looked at, if it has one.
    """

    files: dict[ScriptSource, _Problem]
    formats: dict[FormatPlan, _Problem | None] = field(default_factory=dict)

    def problems(self, operation: Operation) -> Iterator[_Problem]:
        """Yield what keeps a unit from being executed."""
        for plan in _decoded_formats(operation):
            if plan not in self.formats:
                self.formats[plan] = _format_problem(plan)
            problem = self.formats[plan]
            if problem is not None:
                yield problem
        for script in scripts_of(operation):
            extra = scripts.missing_extra(script.language)
            if extra is not None:
                message = f"{script.language} scripts need an extra that is not installed"
                yield _Problem("extra-missing", message, script.at, f"pip install '{extra}'")
            yield from (self.files[one] for one in script.sources if one in self.files)


def _problems_of_files(operations: Iterable[Operation]) -> dict[ScriptSource, _Problem]:
    """Parse every file of every script, all those of one language together."""
    by_language: dict[str, dict[ScriptSource, None]] = {}
    for operation in operations:
        for script in scripts_of(operation):
            by_language.setdefault(script.language, {}).update(dict.fromkeys(script.sources))
    return {
        one.source: _script_problem(one)
        for language, sources in by_language.items()
        if scripts.missing_extra(language) is None
        for one in scripts.check_syntax(language, list(sources))
    }


def _decoded_formats(operation: Operation) -> Iterator[FormatPlan]:
    """Yield the formats of the answers that are looked into, and not only passed on."""
    action = operation.action
    if isinstance(action, CallPlan):
        if not operation.outputs.identity:
            yield action.format
    elif action is not None:
        yield from (step.call.format for step in action.steps if isinstance(step, CallStep))


def _format_problem(plan: FormatPlan) -> _Problem | None:
    if plan.name not in formats.FORMATS:
        hint = did_you_mean(plan.name, formats.FORMATS) or f"there are {', '.join(formats.FORMATS)}"
        return _Problem("format-unknown", f"there is no format '{plan.name}'", plan.at, hint)
    extra = formats.missing_extra(plan.name)
    if extra is not None:
        message = f"the format '{plan.name}' needs an extra that is not installed"
        return _Problem("extra-missing", message, plan.at, f"pip install '{extra}'")
    try:
        formats.decoder_of(plan)
    except formats.FormatInvalid as error:
        hint = "paths start in the folder of the file that names them"
        return _Problem("format-schema-invalid", str(error), plan.at, hint)
    return None


def _script_problem(one: SyntaxProblem) -> _Problem:
    at = Position(str(one.source.file), one.line or 1, one.column)
    return _Problem("script-invalid", f"the script can't run: {one.detail}", at, None)
