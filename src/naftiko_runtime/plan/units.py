"""Exposed units: from what the document says of them to operations."""

from __future__ import annotations

from dataclasses import replace

from naftiko_runtime.diagnostics import Position, did_you_mean
from naftiko_runtime.plan.aggregates import Effective, left_open
from naftiko_runtime.plan.binding import CallBinder, CallDraft
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.checking import compile_checker
from naftiko_runtime.plan.collector import Face, InputCollector
from naftiko_runtime.plan.consumed import Consumed
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.expressions import Evaluate, Inputs, compile_term
from naftiko_runtime.plan.folding import NameIndex
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.orchestration import StepsDraft, StepsReader
from naftiko_runtime.plan.references import Names, with_terms
from naftiko_runtime.plan.shaping import (
    OutputPlan,
    compile_orchestrated,
    compile_outputs,
    fixed_texts,
    is_constant,
)
from naftiko_runtime.plan.steps import StepsPlan
from naftiko_runtime.plan.terms import Term, input_references
from naftiko_runtime.plan.verbatim import mark_verbatim
from naftiko_runtime.spec.actions import Action
from naftiko_runtime.spec.mcp import McpTool
from naftiko_runtime.spec.parameters import InputParameter, OutputParameter
from naftiko_runtime.values import record


@record
class Unit:
    """A unit of an adapter, before it is compiled.

    Attributes:
        address: `namespace.name`.
        effective: What the document says, with what it inherits.
        face: The side that callers see.
        declared: The inputs that the document declares, on all levels, inner ones last.
        consumed: What it calls; None where it has steps or answers fixed values.
    """

    address: str
    effective: Effective[Action]
    face: Face
    declared: tuple[InputParameter, ...]
    consumed: Consumed | None

    @property
    def spec(self) -> Action:
        """What the document says, with what the unit inherits."""
        return self.effective.spec

    @property
    def idempotent(self) -> bool | None:
        """Whether calling the unit twice is the same as once; None where nothing says so."""
        spec, semantics = self.spec, self.effective.semantics
        hints = spec.hints if isinstance(spec, McpTool) else None
        if hints is not None and hints.idempotent is not None:
            return hints.idempotent
        return semantics.idempotent if semantics is not None else None


def has_action(spec: Action) -> bool:
    """Return whether a unit says what it does."""
    return bool(spec.call or spec.steps or spec.ref or is_constant(spec.output_parameters))


class UnitCompiler:
    """Compiles the units of one adapter.

    Args:
        context: What holds inside the adapter.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._names = context.names
        self._diagnostics = context.diagnostics

    def compile(self, unit: Unit) -> Operation | None:
        """Compile a unit; None if it can't be served (an error tells why)."""
        findings = len(self._diagnostics)
        operation = self._compile(unit)
        return None if self._diagnostics.has_errors_since(findings) else operation

    def _compile(self, unit: Unit) -> Operation | None:
        declared, closed = self._declared(unit), bool(unit.declared)
        collector = InputCollector(unit.face, declared, self._diagnostics, closed=closed)
        names = self._names_inside(unit, collector)
        draft: CallDraft | StepsDraft | None = None
        if unit.spec.steps:
            reader = StepsReader(unit.address, self._context, names, collector)
            draft = reader.read(unit.spec)
            if draft is None:
                return None
        elif unit.consumed is not None:
            draft = CallBinder(unit.consumed, unit.spec.with_, names, collector).bind()
        names = _names_of_outputs(names, collector, draft)
        _note_templates(unit, names, collector)
        inputs, real_names = collector.finish()
        theirs = _theirs(unit, draft)
        if isinstance(draft, CallDraft):
            outputs = (*unit.spec.output_parameters, *theirs)
            inputs = mark_verbatim(inputs, draft, real_names, outputs)
        return Operation(
            unit.address,
            inputs,
            compile_checker(inputs),
            self._action(unit, draft, real_names),
            self._outputs(unit, theirs, names.knowing(collector.names()), real_names),
            unit.spec.position,
        )

    def _declared(self, unit: Unit) -> tuple[InputParameter, ...]:
        """Return the declared inputs, those of a function as the unit's `with` leaves them."""
        if unit.effective.namespace is None:
            return unit.declared
        inherited = unit.effective.inherited_inputs
        own = [one for one in unit.declared if not any(one is other for other in inherited)]
        fed = with_terms(unit.effective.own_with, self._names)
        return (*own, *left_open(inherited, {key: term for key, (term, _) in fed.items()}))

    def _names_inside(self, unit: Unit, collector: InputCollector) -> Names:
        """Return what names mean inside a unit, also where it runs an aggregate's function."""
        namespace, feeds = unit.effective.namespace, unit.effective.feeds
        names = self._names.inside(unit.address, in_run=bool(unit.spec.steps))
        if namespace is None:
            return names
        fed = with_terms(feeds, self._names)
        for term, at in fed.values():
            collector.mention(term, at)
        return replace(
            names,
            namespaces=self._names.namespaces | {namespace},
            function_feeds=NameIndex((key, term) for key, (term, _) in fed.items()),
        )

    def _action(
        self, unit: Unit, draft: CallDraft | StepsDraft | None, inputs: Inputs
    ) -> CallPlan | StepsPlan | None:
        if isinstance(draft, StepsDraft):
            return draft.compile(inputs, self._diagnostics)
        if draft is None:
            return None
        call = draft.compile(inputs)
        resilience = call.resilience.hinted(unit.idempotent)
        return call if resilience is call.resilience else replace(call, resilience=resilience)

    def _outputs(
        self, unit: Unit, theirs: tuple[OutputParameter, ...], names: Names, inputs: Inputs
    ) -> OutputPlan:
        def resolve(text: str, at: Position) -> Evaluate:
            term = names.template(text, at)
            self._check_known(term, at, inputs)
            return compile_term(term, inputs)

        own, report = unit.spec.output_parameters, self._diagnostics
        if unit.spec.mappings:
            self._check_targets(unit)
            return compile_orchestrated(own, resolve, report, unit.address)
        mock = unit.consumed is None and not unit.spec.steps
        return compile_outputs(own, theirs, resolve, report, unit.address, mock=mock)

    def _check_known(self, term: Term, at: Position, inputs: Inputs) -> None:
        """Report inputs that a fixed value mentions, and that callers can not give."""
        for reference in input_references(term):
            if inputs.find(reference.name) is None:
                self._diagnostics.warning(
                    "reference-unknown",
                    f"'{reference.name}' is no input, step or variable; it is left empty",
                    at,
                    hint=did_you_mean(reference.name, inputs.names())
                    or "declare it under 'inputParameters'",
                )

    def _check_targets(self, unit: Unit) -> None:
        """Report mappings to outputs that the unit does not declare, where it declares any."""
        declared = [output.name for output in unit.spec.output_parameters if output.name]
        for mapping in unit.spec.mappings:
            target = (mapping.target or "").split(".")[0]
            if declared and target not in declared:
                self._diagnostics.warning(
                    "output-undeclared",
                    f"{unit.address} maps to '{target}', which is not among its outputs",
                    mapping.at("targetName" if mapping.has("targetName") else "target"),
                    hint=did_you_mean(target, declared),
                )


def _note_templates(unit: Unit, names: Names, collector: InputCollector) -> None:
    """Note the inputs that templates in outputs name, where the document declares none."""
    if not collector.is_declared:
        for text, at in fixed_texts(unit.spec.output_parameters):
            collector.mention(names.template(text, at), at)


def _names_of_outputs(
    names: Names, collector: InputCollector, draft: CallDraft | StepsDraft | None
) -> Names:
    """Return what names mean in outputs: all inputs are known then, and all steps have run."""
    steps = draft.step_names if isinstance(draft, StepsDraft) else frozenset[str]()
    return names.knowing(collector.names(), steps=steps)


def _theirs(unit: Unit, draft: CallDraft | StepsDraft | None) -> tuple[OutputParameter, ...]:
    """Return the outputs of the operation whose answer the unit passes on."""
    if isinstance(draft, CallDraft):
        return draft.consumed.spec.output_parameters
    if isinstance(draft, StepsDraft) and not unit.spec.mappings:
        return draft.last_outputs
    return ()
