"""Orchestrations: steps that build on one another. Section 10 of the behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Evaluate, Scope, to_text
from naftiko_runtime.plan.jsonpath import Find
from naftiko_runtime.plan.scripts import ScriptPlan
from naftiko_runtime.values import Absent, Json, Value, record


@record
class CallStep:
    """A step that calls a consumed operation.

    Attributes:
        name: What later steps call its output.
        call: The request.
        shape: Turns the decoded answer into the step's output.
        needs: The steps whose output the request uses.
        continue_on_error: Whether an error of upstream leaves the run going.
        at: Where the document declares it.
    """

    name: str
    call: CallPlan
    shape: Callable[[Json], Json]
    needs: frozenset[str]
    continue_on_error: bool
    at: Position


@record
class LookupStep:
    """A step that finds entries in the output of an earlier one.

    Attributes:
        name: What later steps call its output.
        index: The earlier step, or a part of its output, as the document has it.
        match: The field of an entry that is compared, as the document has it.
        entries: The list, or the one object, that is searched.
        key: Finds the compared field in an entry.
        wanted: The value, or the list of values, that is looked for.
        fields: The fields of a hit that are kept; None for all.
        at: Where the document declares it.
    """

    name: str
    index: str
    match: str
    entries: Evaluate
    key: Find
    wanted: Evaluate
    fields: tuple[str, ...] | None
    at: Position

    def run(self, scope: Scope) -> Json:
        """Return the hit, or the list of hits where a list of values is looked for."""
        by_key = self._by_key(self.entries(scope))
        wanted = self.wanted(scope)
        if isinstance(wanted, list):
            hits = [by_key.get(comparable(one)) for one in wanted]
            return [self._kept(hit) for hit in hits if hit is not None]
        hit = by_key.get(comparable(wanted))
        return self._kept(hit) if hit is not None else None

    def _by_key(self, entries: Value) -> dict[str | None, dict[str, Json]]:
        """Return the first entry of each key."""
        by_key: dict[str | None, dict[str, Json]] = {}
        for entry in entries if isinstance(entries, list) else [entries]:
            text = comparable(self.key(entry)) if isinstance(entry, dict) else None
            if text is not None and isinstance(entry, dict):
                by_key.setdefault(text, entry)
        return by_key

    def _kept(self, entry: dict[str, Json]) -> Json:
        if self.fields is None:
            return entry
        return {field: entry.get(field) for field in self.fields}


@record
class Mapping:
    """One member of the answer: where it goes, and what it is."""

    target: tuple[str, ...]
    evaluate: Evaluate


@record
class ScriptStep:
    """A step that runs a script.

    Attributes:
        name: What later steps call its output.
        script: What runs.
        given: What `with` gives it besides inputs and outputs, in order.
        at: Where the document declares it.
    """

    name: str
    script: ScriptPlan
    given: tuple[tuple[str, Evaluate], ...]
    at: Position

    def context(self, scope: Scope) -> dict[str, Json]:
        """Return what the script sees: inputs, over them outputs, over them what `with` gives."""
        given = ((key, evaluate(scope)) for key, evaluate in self.given)
        present = {key: value for key, value in given if not isinstance(value, Absent)}
        return {**scope.inputs, **scope.steps, **present}


Step: TypeAlias = CallStep | LookupStep | ScriptStep


@record
class StepsPlan:
    """A whole run.

    Attributes:
        stages: The steps in order; the steps of one stage need nothing of each other.
        mappings: What the answer is made of; without any it is the last call's.
        last_call: The call step whose answer the run has, where there are no mappings.
    """

    stages: tuple[tuple[Step, ...], ...]
    mappings: tuple[Mapping, ...]
    last_call: CallStep | None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in the order of the document."""
        return tuple(step for stage in self.stages for step in stage)

    def answer(self, scope: Scope) -> Json:
        """Build the answer from the outputs of all steps.

        Where there are no mappings, and no call whose answer it could be, it is the last output.
        """
        if not self.mappings:
            return scope.steps.get(self.steps[-1].name)
        answer: dict[str, Json] = {}
        for mapping in self.mappings:
            value = mapping.evaluate(scope)
            _put(answer, mapping.target, None if isinstance(value, Absent) else value)
        return answer


def comparable(value: Value) -> str | None:
    """Return a scalar as the text that look-ups compare; None for all else."""
    if isinstance(value, (Absent, list, dict)) or value is None:
        return None
    return to_text(value)


def _put(answer: dict[str, Json], target: tuple[str, ...], value: Json) -> None:
    *parents, name = target
    for parent in parents:
        inner = answer.setdefault(parent, {})
        if not isinstance(inner, dict):
            inner = answer[parent] = {}
        answer = inner
    answer[name] = value
