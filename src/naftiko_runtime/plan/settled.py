"""Texts of the document that are settled at load: variables filled in, no inputs."""

from __future__ import annotations

from naftiko_runtime.errors import VariableMissing
from naftiko_runtime.load.variables import Variable
from naftiko_runtime.plan.expressions import Inputs, Scope, compile_term, to_text
from naftiko_runtime.plan.terms import Term, VariableReference, leaves
from naftiko_runtime.values import record


@record
class Settled:
    """A text, and what it lacks.

    Attributes:
        text: With its variables filled in, stripped; empty where one of them has no value.
        missing: The variables that have no value.
    """

    text: str
    missing: tuple[Variable, ...] = ()


def settle(term: Term) -> Settled:
    """Fill in the variables of a term that refers to no input."""
    variables = [leaf.variable for leaf in leaves(term) if isinstance(leaf, VariableReference)]
    missing = tuple(variable for variable in variables if variable.value is None)
    try:
        return Settled(to_text(compile_term(term, Inputs())(Scope())).strip(), missing)
    except VariableMissing:
        return Settled("", missing)
