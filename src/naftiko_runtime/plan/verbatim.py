"""Which request bodies go upstream as callers have written them. Section 5 of the behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from naftiko_runtime.plan.binding import CallDraft
from naftiko_runtime.plan.expressions import Inputs
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.plan.shaping import fixed_texts
from naftiko_runtime.plan.terms import InputReference, input_references
from naftiko_runtime.spec.parameters import OutputParameter

_TYPES: Final = (None, "object", "array")
_ABOUT_THE_WHOLE: Final = frozenset({"type", "description"})


def mark_verbatim(
    inputs: Sequence[Input], draft: CallDraft, names: Inputs, outputs: Iterable[OutputParameter]
) -> tuple[Input, ...]:
    """Return a unit's inputs; the caller's own JSON body is marked where nothing looks into it.

    Of what is looked into, upstream must get what was seen: of doubled keys, only the last one.

    Args:
        inputs: All of them.
        draft: What the unit calls.
        names: The real names of inputs.
        outputs: What shapes the answer; templates in it may read inputs.
    """
    body = draft.whole
    if not isinstance(body, InputReference) or any(fixed_texts(outputs)):
        return tuple(inputs)
    name = names.find(body.name)
    read = {
        names.find(reference.name)
        for feed in draft.feeds
        for reference in input_references(feed.term)
    }
    in_body = [one for one in inputs if one.place is Place.BODY]
    if [one.name for one in in_body] != [name] or name in read or not _may_be_anything(in_body[0]):
        return tuple(inputs)
    return tuple(replace(one, verbatim=True) if one.name == name else one for one in inputs)


def _may_be_anything(body: Input) -> bool:
    """Return whether neither paths, nor defaults, nor checks look into a body."""
    said = {key for key, value in body.schema.items() if value != {}}
    return (
        body.whole_body
        and body.body_path is None
        and not body.has_default
        and body.type in _TYPES
        and said <= _ABOUT_THE_WHOLE
    )
