"""One input, and all the ways in which its value may arrive."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.plan.checking.check import compile_check
from naftiko_runtime.plan.checking.text import TextCheck, compile_text_check
from naftiko_runtime.plan.checking.types import Check
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.values import record

_CONTAINERS: Final = ("array", "object")


@record
class CheckedInput:
    """One input with its compiled checks.

    Attributes:
        name: What the unit calls it.
        published: What MCP clients call it.
        place: Where REST callers put it.
        is_required: Whether a call without it is refused.
        is_secret: Whether its value may not be shown.
        check: Checks a JSON value.
        check_parts: Checks a value put together from a query, whose leaves are texts.
        check_text: Checks the texts of its name.
    """

    name: str
    published: str
    place: Place
    is_required: bool
    is_secret: bool
    check: Check
    check_parts: Check
    check_text: TextCheck


def compile_input(one: Input, published: str) -> CheckedInput:
    """Compile the checks of an input, which MCP clients call by its published name."""
    typed = {**one.schema, "type": one.type}
    check = compile_check(typed)
    parts = compile_check(typed, as_text=True) if one.type in _CONTAINERS else check
    return CheckedInput(
        one.name,
        published,
        one.place,
        one.required and not one.has_default and not one.hidden,
        one.hidden,
        check,
        parts,
        compile_text_check(one, parts),
    )
