"""Output parameters for tests, from YAML as authors write it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import jsonschema  # type: ignore[import-untyped]  # it comes without types
from pydantic import TypeAdapter

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.load.yaml_reader import read_text
from naftiko_runtime.plan.expressions import Evaluate, Scope
from naftiko_runtime.plan.shaping import OutputPlan, compile_orchestrated, compile_outputs
from naftiko_runtime.spec.block import Named
from naftiko_runtime.spec.parameters import OutputParameter
from naftiko_runtime.values import ABSENT, Json

_PARAMETERS: TypeAdapter[tuple[OutputParameter, ...]] = TypeAdapter(Named[OutputParameter])


def parameters(text: str) -> tuple[OutputParameter, ...]:
    """Return the output parameters that a YAML text declares."""
    diagnostics = Diagnostics()
    node = read_text(textwrap.dedent(text).encode(), "outputs.yaml", diagnostics)
    assert not diagnostics.found
    return _PARAMETERS.validate_python(node)


def resolve(text: str, at: Position) -> Evaluate:
    """Compile a template in the simplest way: one placeholder with a type, or text with one."""
    before, _, rest = text.partition("{{")
    name, _, after = rest.partition("}}")
    if before or after:
        return lambda scope: f"{before}{scope.inputs.get(name, '')}{after}"
    return lambda scope: scope.inputs.get(name, ABSENT)


@dataclass
class Compiled:
    """A plan, and what was found while it was made."""

    plan: OutputPlan
    diagnostics: Diagnostics = field(default_factory=Diagnostics)

    def shape(self, decoded: Json, **inputs: Json) -> Json:
        """Return the answer, which fits the schema that is published for it."""
        answer = self.plan.shape(decoded, Scope(inputs))
        if self.plan.structured_schema is not None:
            check_against(self.plan.structured_schema, self.plan.structure(answer))
        return answer

    @property
    def messages(self) -> list[str]:
        """The findings, each as `severity code line: message`."""
        return [
            f"{one.severity} {one.code} {one.position.line if one.position else 0}: {one.message}"
            for one in self.diagnostics
        ]


def compiled(text: str, consumed: str = "[]", *, mock: bool = False) -> Compiled:
    """Return the plan of a unit with these outputs, over an operation with those."""
    found = Diagnostics()
    outputs, theirs = parameters(text), parameters(consumed)
    plan = compile_outputs(outputs, theirs, resolve, found, "api.get", mock=mock)
    return Compiled(plan, found)


def orchestrated(text: str) -> Compiled:
    """Return the plan of a unit with these outputs and mappings."""
    found = Diagnostics()
    return Compiled(compile_orchestrated(parameters(text), resolve, found, "api.get"), found)


def shaper(text: str, consumed: str = "[]") -> Callable[[Json], Json]:
    """Return what shapes a decoded body; there is nothing odd about the outputs."""
    made = compiled(text, consumed)
    assert not made.messages
    return made.shape


def check_against(schema: dict[str, Json], value: Json) -> None:
    """Check a value against a schema that is itself valid, and whose root is an object."""
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["type"] == "object"
    jsonschema.Draft202012Validator(schema).validate(value)
