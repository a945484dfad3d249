"""From the document's `steps` and `mappings` to a plan of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, TypeGuard

from naftiko_runtime.diagnostics import Diagnostics, Position, did_you_mean
from naftiko_runtime.load.nodes import Map, Seq
from naftiko_runtime.plan.binding import CallBinder, CallDraft
from naftiko_runtime.plan.collector import InputCollector
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.expressions import Evaluate, Inputs, compile_term
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.jsonpath import Find, JsonPathInvalid, Path, compile_path
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.resolution import Caller, resolve_calls
from naftiko_runtime.plan.scripts import ScriptPlan
from naftiko_runtime.plan.shaping import compile_consumed
from naftiko_runtime.plan.step_mentions import StepMentions, name_of
from naftiko_runtime.plan.steps import (
    CallStep,
    LookupStep,
    Mapping,
    ScriptStep,
    Step,
    StepsPlan,
)
from naftiko_runtime.plan.terms import Literal, Term
from naftiko_runtime.spec import actions as spec
from naftiko_runtime.spec.parameters import OutputParameter
from naftiko_runtime.values import Json, Value, record

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing, RFC 9110 section 9.2.1."""


@dataclass(slots=True)
class StepsDraft:
    """A run whose inputs have no final names yet."""

    steps: list[_StepDraft] = field(default_factory=list)
    mappings: list[tuple[tuple[str, ...], Term | Evaluate]] = field(default_factory=list)

    @property
    def step_names(self) -> frozenset[str]:
        """What the steps are called."""
        return frozenset(step.name for step in self.steps)

    @property
    def last_outputs(self) -> tuple[OutputParameter, ...]:
        """The outputs of the operation that is called last."""
        calls = [step.call for step in self.steps if isinstance(step, _CallDraft)]
        return calls[-1].consumed.spec.output_parameters if calls else ()

    def compile(self, inputs: Inputs, diagnostics: Diagnostics) -> StepsPlan:
        """Compile the run, now that inputs have their names."""
        steps = [step.compile(inputs, diagnostics) for step in self.steps]
        mappings = tuple(
            Mapping(target, value if callable(value) else compile_term(value, inputs))
            for target, value in self.mappings
        )
        calls = [step for step in steps if isinstance(step, CallStep)]
        return StepsPlan(tuple(_stages(steps)), mappings, calls[-1] if calls else None)


@record
class _CallDraft:
    name: str
    spec: spec.Step
    unit: str
    call: CallDraft

    def compile(self, inputs: Inputs, diagnostics: Diagnostics) -> CallStep:
        outputs = self.call.consumed.spec.output_parameters
        return CallStep(
            self.name,
            self.call.compile(inputs),
            compile_consumed(outputs, diagnostics, self.unit),
            self.call.needs,
            self.spec.continue_on_error,
            self.spec.position,
        )


@record
class _LookupDraft:
    name: str
    spec: spec.Step
    entries: Term
    key: Find
    wanted: Term

    def compile(self, inputs: Inputs, _: Diagnostics) -> LookupStep:
        return LookupStep(
            self.name,
            self.spec.index or "",
            self.spec.match or "",
            compile_term(self.entries, inputs),
            self.key,
            compile_term(self.wanted, inputs),
            _fields(self.spec),
            self.spec.position,
        )


@record
class _ScriptDraft:
    name: str
    spec: spec.Step
    script: ScriptPlan
    given: tuple[tuple[str, Term], ...]

    def compile(self, inputs: Inputs, _: Diagnostics) -> ScriptStep:
        given = [(key, compile_term(term, inputs)) for key, term in self.given]
        return ScriptStep(self.name, self.script, tuple(given), self.spec.position)


_StepDraft: TypeAlias = _CallDraft | _LookupDraft | _ScriptDraft


def _fields(step: spec.Step) -> tuple[str, ...] | None:
    """Return the fields that a look-up keeps: names, or named output parameters."""
    declared = step.output_parameters
    if isinstance(declared, Map):
        return tuple(declared)
    if not isinstance(declared, Seq):
        return None
    names = (one.get("name") if isinstance(one, Map) else one for one in declared)
    return tuple(str(name) for name in names if name is not None) or None


def _stages(steps: Sequence[Step]) -> list[tuple[Step, ...]]:
    """Group consecutive calls that need nothing of each other; they may run together.

    A call that changes something is not independent of what stands before and behind it: a later
    read may be meant to see the change, and an earlier error is meant to prevent it.
    Of two steps of one name, the later one's output is to stay.
    """
    stages: list[tuple[Step, ...]] = []
    for step in steps:
        before = stages[-1] if stages else ()
        together = _only_reads(step) and all(
            _only_reads(one) and one.name not in (*step.needs, step.name) for one in before
        )
        if before and together:
            stages[-1] = (*before, step)
        else:
            stages.append((step,))
    return stages


def _only_reads(step: Step) -> TypeGuard[CallStep]:
    return isinstance(step, CallStep) and step.call.method in _SAFE


class StepsReader:
    """Reads the steps of one unit, and notes the inputs that they need.

    Args:
        unit: The unit, `namespace.name`.
        context: What holds inside its adapter.
        names: What names mean inside the unit.
        collector: Takes the inputs.
    """

    def __init__(
        self, unit: str, context: Context, names: Names, collector: InputCollector
    ) -> None:
        self._unit = unit
        self._catalogue = context.catalogue
        self._scripts = context.scripts
        self._names = names
        self._collector = collector
        self._diagnostics = context.diagnostics

    def read(self, action: spec.Action) -> StepsDraft | None:
        """Return the run; None if a step can't be served (an error tells why)."""
        mentions = StepMentions(self._unit, action, self._diagnostics)
        if not mentions.check_order():
            return None
        draft = StepsDraft()
        for number, step in enumerate(action.steps, 1):
            one = self._step(step, name_of(step, number), action.with_)
            if one is None:
                return None
            draft.steps.append(one)
            self._names = replace(self._names, steps=self._names.steps | {one.name})
        draft.mappings = [self._mapping(mapping) for mapping in action.mappings]
        mentions.report_unused(self._catalogue)
        return draft

    def _step(self, step: spec.Step, name: str, with_: Map | None) -> _StepDraft | None:
        kind = step.type or ("call" if step.call else "lookup" if step.index else "script")
        if kind == "call":
            return self._call(step, name, with_)
        if kind == "lookup":
            return self._lookup(step, name)
        if kind == "script":
            return self._script(step, name)
        self._refuse("not-yet-supported", f"'{kind}' steps are not supported yet", step, "type")
        return None

    def _call(self, step: spec.Step, name: str, with_: Map | None) -> _CallDraft | None:
        caller = Caller(self._unit, step.call or "", step.at("call"))
        (consumed,) = resolve_calls([caller], self._catalogue, self._diagnostics)
        if consumed is None:
            return None
        binder = CallBinder(consumed, step.with_, self._names, self._collector, with_)
        return _CallDraft(name, step, self._unit, binder.bind())

    def _lookup(self, step: spec.Step, name: str) -> _LookupDraft | None:
        needed = {"index": step.index, "match": step.match, "lookupValue": step.has("lookupValue")}
        lacking = [key for key, said in needed.items() if not said]
        if lacking:
            message = f"the look-up '{name}' needs {' and '.join(map(repr, lacking))}"
            self._refuse("value-missing", message, step, lacking[0])
            return None
        index, match = step.index or "", step.match or ""
        entries = self._names.step(index, step.at("index"))
        if entries is None:
            message = f"the look-up '{name}' searches '{index}', which is no earlier step"
            hint = did_you_mean(index, self._names.steps)
            self._refuse("reference-unknown", message, step, "index", hint)
            return None
        at = step.at("lookupValue")
        wanted = self._names_now().term(step.lookup_value, at)
        self._collector.mention(wanted, at)
        return _LookupDraft(name, step, entries, self._key(match, step.at("match")), wanted)

    def _key(self, match: str, at: Position) -> Find:
        """Return what finds a field: by its name, or by a path where there is none of that name."""
        path = self._path(match, at)

        def find(entry: Json) -> Value:
            assert isinstance(entry, dict)
            return entry[match] if match in entry else path.find(entry)

        return find

    def _script(self, step: spec.Step, name: str) -> _ScriptDraft | None:
        script = self._scripts.read(step, name, self._unit)
        if script is None:
            return None
        return _ScriptDraft(name, step, script, tuple(self._given(step)))

    def _given(self, step: spec.Step) -> Iterator[tuple[str, Term]]:
        """Read what a script is given besides inputs and outputs; later keys see earlier ones."""
        names = self._names_now()
        known: list[tuple[str, Term]] = []
        if step.with_ is None:
            return
        for key, value in step.with_.items():
            at = step.with_.position_of(key)
            term = names.term(value, at, key)
            self._collector.mention(term, at)
            known.append((key, term))
            names = replace(names, feeds=NameIndex(known))
            yield key, term

    def _mapping(self, mapping: spec.StepMapping) -> tuple[tuple[str, ...], Term | Evaluate]:
        target = tuple((mapping.target or "").split("."))
        at = mapping.at("value")
        term = self._names_now().term(mapping.value, at)
        if isinstance(term, Literal) and isinstance(term.value, str) and term.value[:1] == "$":
            return target, self._path_over_outputs(term.value, mapping)
        self._collector.mention(term, at)
        return target, term

    def _names_now(self) -> Names:
        """Return what names mean, now that these inputs are known."""
        return replace(self._names, inputs=self._collector.names())

    def _path_over_outputs(self, text: str, mapping: spec.StepMapping) -> Evaluate:
        path = self._path(text, mapping.at("value"))
        if path.first_name is not None:
            self._diagnostics.warning(
                "reference-unknown",
                f"'{text}' names no step of {self._unit}; the value will be null",
                mapping.at("value"),
                hint=did_you_mean(path.first_name, self._names.steps),
            )
        return lambda scope: path.find(scope.steps)

    def _path(self, text: str, at: Position) -> Path:
        """Return a path; the whole value, and an error of the unit, where there is none."""
        try:
            return compile_path(text)
        except JsonPathInvalid as error:
            message = f"'{text}': {error}"
            self._diagnostics.error("jsonpath-invalid", message, at, unit=self._unit)
            return compile_path("$")

    def _refuse(
        self, code: str, message: str, step: spec.Step, key: str, hint: str | None = None
    ) -> None:
        message = f"{message}; {self._unit} is left out"
        self._diagnostics.error(code, message, step.at(key), hint=hint, unit=self._unit)
