"""What shaping compiles to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.values import Json, record

Shape: TypeAlias = Callable[[Json, Scope], Json]
"""Makes an output from a decoded value; it never raises on any JSON."""

WRAPPED_AS: Final = "result"
"""The member that holds an answer where only objects can be sent."""


@record
class OutputPlan:
    """What an answer looks like.

    Attributes:
        identity: Whether upstream's body is relayed unchanged, byte for byte.
        shape: Makes the answer from the decoded body.
        schema: The JSON Schema of the answer, where the outputs declare a shape.
        structured: Whether the answer is an object in every case.
        constant: Whether the answer is the same whatever upstream says.
    """

    identity: bool
    shape: Shape
    schema: dict[str, Json] | None
    structured: bool
    constant: bool = False

    @property
    def structured_schema(self) -> dict[str, Json] | None:
        """The schema of what `structure` returns: MCP's `outputSchema`, whose root is an object."""
        if self.schema is None or self.structured:
            return self.schema
        properties: dict[str, Json] = {WRAPPED_AS: self.schema}
        return {"type": "object", "properties": properties, "required": [WRAPPED_AS]}

    def structure(self, answer: Json) -> dict[str, Json] | None:
        """Return an answer as MCP's `structuredContent`; None if it has none.

        Where a shape is declared that need not be an object, the answer is the member `result` of
        one, whatever it is this time.
        """
        if self.schema is not None and not self.structured:
            return {WRAPPED_AS: answer}
        return answer if isinstance(answer, dict) else None


def whole(value: Json, _: Scope) -> Json:
    """Return the value itself."""
    return value


IDENTITY: Final = OutputPlan(identity=True, shape=whole, schema=None, structured=False)
"""The plan of a unit whose answer is upstream's."""
