"""Fixed values of outputs: `value`, and `const` where nothing else gives a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.load.nodes import Map, Node, Seq, to_plain
from naftiko_runtime.plan.expressions import Evaluate, Scope
from naftiko_runtime.plan.shaping.nested import flattened
from naftiko_runtime.spec.parameters import OutputParameter
from naftiko_runtime.values import ABSENT, Absent, Json, Value, record

Resolve: TypeAlias = Callable[[str, Position], Evaluate]
"""Compiles a text that holds templates."""

_PATH: Final = re.compile(r"\$(?:$|[.\[].*)", re.DOTALL)
_PATH_IN_BRACES: Final = re.compile(r"\{\{\s*(\$(?:[^{}]*))\}\}")


@record
class Fixed:
    """A value that upstream has no part in.

    Attributes:
        evaluate: Gives the value; it is absent where the inputs it is made of are.
        constant: The value, where it is the same in every call; else absent.
    """

    evaluate: Evaluate
    constant: Value = ABSENT


def path_text(node: Node) -> str | None:
    """Return the JSONPath that a text is, `{{$.path}}` included; None if it is none."""
    if not isinstance(node, str):
        return None
    text = node.strip()
    in_braces = _PATH_IN_BRACES.fullmatch(text)
    text = in_braces[1].strip() if in_braces else text
    return text if _PATH.fullmatch(text) else None


def fixed_node(spec: OutputParameter) -> tuple[str, Node]:
    """Return the fixed value of an output and the key that it has in the document; None if none.

    A `value` goes before a `mapping`, unless it is a JSONPath and takes its place; a `mapping` goes
    before a `const`. A `mapping` with templates that are no JSONPath is a fixed value too.
    """
    if spec.value is not None and (spec.mapping is not None or path_text(spec.value) is None):
        return "value", spec.value
    if isinstance(spec.mapping, str) and "{{" in spec.mapping and path_text(spec.mapping) is None:
        return "mapping", spec.mapping
    has_source = spec.mapping is not None or spec.value is not None
    return "const", None if has_source else spec.const


def is_constant(outputs: tuple[OutputParameter, ...]) -> bool:
    """Return whether outputs are an answer by themselves: one, at any depth, is fixed."""
    return any(_is_constant(flattened(one)) for one in outputs)


def _is_constant(spec: OutputParameter) -> bool:
    inside = (one for one in (spec.items, spec.values) if one is not None)
    return fixed_node(spec)[1] is not None or is_constant((*spec.properties, *inside))


def fixed_texts(outputs: Iterable[OutputParameter]) -> Iterator[tuple[str, Position]]:
    """Yield the texts with templates in the fixed values of outputs, at any depth."""
    for spec in map(flattened, outputs):
        key, node = fixed_node(spec)
        if node is not None:
            yield from _texts(node, spec.at(key))
        inside = (one for one in (spec.items, spec.values) if one is not None)
        yield from fixed_texts((*spec.properties, *inside))


def compile_fixed(node: Node, at: Position, resolve: Resolve) -> Fixed:
    """Compile a fixed value; texts in it may hold templates."""
    if _has_template(node):
        return Fixed(_evaluation(node, at, resolve))
    plain = to_plain(node)
    return Fixed(lambda _: plain, plain)


def converted(fixed: Fixed, convert: Callable[[Json], Json]) -> Fixed:
    """Return a fixed value with a conversion applied, beforehand where that is possible."""
    if not isinstance(fixed.constant, Absent):
        constant = convert(fixed.constant)
        return Fixed(lambda _: constant, constant)
    evaluate = fixed.evaluate

    def of_scope(scope: Scope) -> Value:
        value = evaluate(scope)
        return value if isinstance(value, Absent) else convert(value)

    return Fixed(of_scope)


def _has_template(node: Node) -> bool:
    if isinstance(node, Map):
        return any(map(_has_template, node.values()))
    if isinstance(node, Seq):
        return any(map(_has_template, node))
    return isinstance(node, str) and "{{" in node


def _texts(node: Node, at: Position) -> Iterator[tuple[str, Position]]:
    if isinstance(node, Map):
        for key, one in node.items():
            yield from _texts(one, node.position_of(key))
    elif isinstance(node, Seq):
        for index, one in enumerate(node):
            yield from _texts(one, node.position_of(index))
    elif isinstance(node, str) and "{{" in node:
        yield node, at


def _evaluation(node: Node, at: Position, resolve: Resolve) -> Evaluate:
    if isinstance(node, str):
        return resolve(node, at)
    if isinstance(node, Map):
        return _map_of(
            {key: _evaluation(one, node.position_of(key), resolve) for key, one in node.items()}
        )
    if isinstance(node, Seq):
        return _list_of(
            [_evaluation(one, node.position_of(at_), resolve) for at_, one in enumerate(node)]
        )
    return lambda _: node


def _map_of(members: dict[str, Evaluate]) -> Evaluate:
    return lambda scope: {key: _or_null(one(scope)) for key, one in members.items()}


def _list_of(items: list[Evaluate]) -> Evaluate:
    return lambda scope: [_or_null(one(scope)) for one in items]


def _or_null(value: Value) -> Json:
    return None if isinstance(value, Absent) else value
