"""What is known of the values of an argument, for completion."""

from __future__ import annotations

from collections.abc import Iterator

from naftiko_runtime.load.nodes import to_plain
from naftiko_runtime.plan.expressions import to_text
from naftiko_runtime.plan.inputs import Input
from naftiko_runtime.spec.parameters import InputParameter
from naftiko_runtime.values import Absent, Json


def known_values(one: Input, declared: InputParameter | None = None) -> tuple[str, ...]:
    """Return the values that an input may have, as far as the document says.

    The values of an `enum` are all there are; else what it names by the way: both booleans, the
    default, and the example.

    Args:
        one: The input.
        declared: What the document says of it, where it does.
    """
    return tuple(dict.fromkeys(to_text(value) for value in _values(one, declared)))


def _values(one: Input, declared: InputParameter | None) -> Iterator[Json]:
    choices = one.schema.get("enum")
    if isinstance(choices, list):
        yield from choices
        return
    if one.type == "boolean":
        yield from (True, False)
    if not isinstance(one.default, Absent):
        yield one.default
    if declared is not None and declared.example is not None:
        yield to_plain(declared.example)
