"""Outputs as closures: from a decoded value to what is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import TypeAlias

from naftiko_runtime.plan.expressions import Scope
from naftiko_runtime.plan.jsonpath import Find, Path, compile_path
from naftiko_runtime.plan.shaping.conversion import Convert, converter
from naftiko_runtime.plan.shaping.fixed import Fixed
from naftiko_runtime.plan.shaping.output import Output
from naftiko_runtime.plan.shaping.plan import Shape, whole
from naftiko_runtime.values import ABSENT, Absent, Json, Value, record

Named: TypeAlias = Mapping[str, Callable[[Json], Json]]
"""The named outputs of a consumed operation: what finds each in a decoded body."""


@record
class ShapeCompiler:
    """Compiles outputs.

    Attributes:
        named: Consumed outputs, for paths whose first name the body lacks.
        is_mock: Whether nothing is called, so that fixed values make up the whole answer.
    """

    named: Named = field(default_factory=dict)
    is_mock: bool = False

    def answer(self, output: Output) -> Shape:
        """Compile an output that is the whole answer: an object is never null, but has nulls."""
        if not output.is_object:
            return self.compile(output)
        make, find = self._make(output), self._source(output)
        return make if find is None else lambda value, scope: make(_found(find, value), scope)

    def members(self, outputs: Sequence[Output]) -> Shape:
        """Compile an object of named outputs."""
        members = tuple((one.name or "", self._member(one)) for one in outputs)
        return lambda value, scope: {name: shape(value, scope) for name, shape in members}

    def compile(self, output: Output) -> Shape:
        """Compile an output; without a source it is made of the value itself."""
        if output.fixed is not None:
            return _fixed(output.fixed)
        if self.is_mock or output.is_constant:
            return self._make(output)
        return _sourced(self._source(output), self._make(output))

    def _member(self, output: Output) -> Shape:
        """Compile a member of an object; without a source it is the member of the same name."""
        if output.shares_base:
            return self._make(output)
        if output.source is not None or output.is_constant or self.is_mock:
            return self.compile(output)
        return self.compile(replace(output, source=_path_of_member(output.name or "")))

    def _source(self, output: Output) -> Find | None:
        """Return what finds an output's value; None where that is the value itself."""
        path = output.source
        if path is None or path.is_root:
            return None
        name = path.first_name
        theirs = self.named.get(name) if name is not None else None
        return path.find if name is None or theirs is None else _either(path, name, theirs)

    def _make(self, output: Output) -> Callable[[Json, Scope], Json]:
        inside = self if output.source is None or output.is_whole else replace(self, named={})
        if output.type == "array":
            return inside._array(output)
        if output.values is not None:
            return inside._map(output.values)
        if output.properties:
            return inside.members(output.properties)
        convert = converter(output.type, output.max_length)
        return whole if convert is None else _converting(convert)

    def _array(self, output: Output) -> Shape:
        items = output.items
        if self.is_mock or output.is_constant:
            return _list_of_one(self.compile(items) if items and _has_fixed(items) else None)
        if items is None:
            return lambda value, _: _as_list(value)
        shape = self.compile(items)

        def array(value: Json, scope: Scope) -> Json:
            listed = _as_list(value)
            return listed and [shape(item, scope) for item in listed]

        return array

    def _map(self, values: Output) -> Shape:
        shape = replace(self, named={}).compile(values)

        def of_values(value: Json, scope: Scope) -> Json:
            if not isinstance(value, dict):
                return {}
            return {key: shape(one, scope) for key, one in value.items()}

        return of_values


def _fixed(fixed: Fixed) -> Shape:
    evaluate = fixed.evaluate
    if not isinstance(fixed.constant, Absent):
        constant = fixed.constant
        return lambda _value, _scope: constant
    return lambda _, scope: None if (value := evaluate(scope)) is ABSENT else value


def _sourced(find: Find | None, make: Shape) -> Shape:
    if find is None:
        return lambda value, scope: None if value is None else make(value, scope)

    def shape(value: Json, scope: Scope) -> Json:
        found = find(value)
        return None if found is None or found is ABSENT else make(found, scope)

    return shape


def _found(find: Find, value: Json) -> Json:
    return None if (found := find(value)) is ABSENT else found


def _path_of_member(name: str) -> Path:
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return compile_path(f"['{quoted}']")


def _either(path: Path, name: str, theirs: Callable[[Json], Json]) -> Find:
    """Evaluate a path in the body; if that lacks its first name, in the consumed output of it."""

    def find(value: Json) -> Value:
        if isinstance(value, dict) and name in value:
            return path.find(value)
        return path.find({name: theirs(value)})

    return find


def _converting(convert: Convert) -> Shape:
    return lambda value, _: convert(value)


def _has_fixed(output: Output) -> bool:
    return output.fixed is not None or any(map(_has_fixed, output.inside))


def _list_of_one(shape: Shape | None) -> Shape:
    if shape is None:
        return lambda _value, _scope: []
    return lambda value, scope: [shape(value, scope)]


def _as_list(value: Json) -> list[Json] | None:
    """Return a list; a lone value is a list of one, as an XML element without a twin is."""
    if isinstance(value, list):
        return value
    return None if value is None else [] if value == "" else [value]
