"""What stands for values that nobody has supplied yet, so that a request can be shown all the same.

Nothing that is made with a stand-in is ever sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.base_uris import MissingBaseUri
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.steps import CallStep
from naftiko_runtime.plan.terms import Term, VariableReference, leaves
from naftiko_runtime.secrecy import MASK

UNKNOWN_BASE_URI: Final = "https://base-uri-missing.invalid"


@dataclass(frozen=True, slots=True)
class StandIns:
    """What an operation lacks.

    Attributes:
        variables: Variables without a value, each once.
        base_uris: Base URIs that are not complete, each once.
    """

    variables: tuple[Variable, ...]
    base_uris: tuple[MissingBaseUri, ...]

    def supply(self, load: LoadOptions) -> LoadOptions:
        """Return options under which nothing is lacking."""
        names = [one.plain_name for one in self.variables]
        values = dict.fromkeys(names, MASK)
        uris = {one.namespace: UNKNOWN_BASE_URI for one in self.base_uris}
        return replace(
            load,
            environment={**values, **load.environment},
            variables={**values, **load.variables},
            base_uris={**load.base_uris, **uris},
        )

    def notes(self) -> Iterator[str]:
        """Yield a line for each thing that is lacking: what stands for it, and how to set it."""
        for variable in self.variables:
            yield f"'{variable.name}' has no value yet, {MASK} stands for it: {variable.how_to_set}"
        for base in self.base_uris:
            yield (
                f"the base URI of '{base.namespace}' is not complete yet, {UNKNOWN_BASE_URI} "
                f"stands for it: {base.how_to_set}"
            )


def calls_of(operation: Operation) -> list[CallPlan]:
    """Return the calls that an operation makes, in the order of the document."""
    action = operation.action
    if action is None:
        return []
    if isinstance(action, CallPlan):
        return [action]
    return [step.call for step in action.steps if isinstance(step, CallStep)]


def stand_ins(operation: Operation) -> StandIns | None:
    """Return what an operation lacks; None where it lacks nothing."""
    calls = calls_of(operation)
    variables = dict.fromkeys(one for call in calls for one in _variables(call))
    bases = dict.fromkeys(one.base for one in calls if isinstance(one.base, MissingBaseUri))
    return StandIns(tuple(variables), tuple(bases)) if variables or bases else None


def _variables(call: CallPlan) -> Iterator[Variable]:
    yield from call.credentials.missing
    terms: list[Term] = [feed.term for feed in call.feeds]
    terms += call.body.terms if call.body is not None else ()
    for term in terms:
        for leaf in leaves(term):
            if isinstance(leaf, VariableReference) and leaf.variable.value is None:
                yield leaf.variable
