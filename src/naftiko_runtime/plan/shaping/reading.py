"""From the document's output parameters to what they mean; what is odd becomes a diagnostic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, did_you_mean
from naftiko_runtime.plan.checking.words import schema_of_word
from naftiko_runtime.plan.jsonpath import JsonPathInvalid, Path, compile_path
from naftiko_runtime.plan.shaping.conversion import fixed_value, is_of_type
from naftiko_runtime.plan.shaping.fixed import (
    Fixed,
    Resolve,
    compile_fixed,
    converted,
    fixed_node,
    path_text,
)
from naftiko_runtime.plan.shaping.nested import flattened, nested_problem
from naftiko_runtime.plan.shaping.output import Output
from naftiko_runtime.spec.parameters import OutputParameter
from naftiko_runtime.values import ABSENT, Json

_TYPES: Final = ("string", "integer", "number", "boolean", "object", "array")
_ANY_TYPE: Final = frozenset({"any", "mixed", "unknown", "null", "void", "none", "*"})


class OutputReader:
    """Reads the output parameters of one unit.

    Args:
        resolve: Compiles templates in fixed values.
        diagnostics: Takes what can't be read.
        unit: The unit, `namespace.name`.
    """

    def __init__(self, resolve: Resolve, diagnostics: Diagnostics, unit: str) -> None:
        self._resolve = resolve
        self._diagnostics = diagnostics
        self._unit = unit

    def read(self, spec: OutputParameter) -> Output:
        """Return what an output parameter means."""
        self._check_nested(spec)
        spec = flattened(spec)
        type_, items = self._type_and_items(spec)
        max_length = self._max_length(spec)
        return Output(
            spec.name,
            type_,
            spec.description,
            self._source(spec),
            self._fixed(spec, type_, max_length),
            max_length,
            self._members(spec.properties) if type_ == "object" else (),
            items,
            self.read(spec.values) if spec.values is not None and type_ == "object" else None,
        )

    def read_all(self, specs: Sequence[OutputParameter]) -> tuple[Output, ...]:
        """Return what the outputs of a unit mean; unnamed ones beside named ones are left out."""
        if any(spec.name for spec in specs):
            return self._members(specs)
        return tuple(self.read(spec) for spec in specs)

    def _members(self, specs: Sequence[OutputParameter]) -> tuple[Output, ...]:
        for spec in specs:
            if not spec.name:
                message = "this output has no name, as the ones beside it have; it is left out"
                self._diagnostics.warning("value-missing", message, spec.position)
        return tuple(self.read(spec) for spec in specs if spec.name)

    def _check_nested(self, spec: OutputParameter) -> None:
        problem = nested_problem(spec)
        if problem is not None:
            message = f"{problem}; the whole mapping is not used"
            self._diagnostics.warning("value-invalid", message, spec.at("mapping"))

    def _type_and_items(self, spec: OutputParameter) -> tuple[str | None, Output | None]:
        """Return the type, and what the items of an array are.

        An array whose items are not described, but that has properties, is one of such objects.
        """
        said = self._said_type(spec)
        items = said.get("items")
        if spec.items is not None:
            return "array", self.read(spec.items)
        if said.get("type") == "array":
            if spec.properties:
                return "array", Output(type="object", properties=self._members(spec.properties))
            type_ = items.get("type") if isinstance(items, dict) else None
            return "array", Output(type=type_) if isinstance(type_, str) else None
        if spec.properties or spec.values is not None:
            return "object", None
        type_ = said.get("type")
        return type_ if isinstance(type_, str) else None, None

    def _said_type(self, spec: OutputParameter) -> dict[str, Json]:
        if spec.type is None or spec.type in _ANY_TYPE:
            return {}
        said = schema_of_word(spec.type)
        if not said:
            message = f"there is no type '{spec.type}'; the value is passed on as it is"
            hint = did_you_mean(spec.type, _TYPES)
            self._diagnostics.warning("value-invalid", message, spec.at("type"), hint=hint)
        return said

    def _source(self, spec: OutputParameter) -> Path | None:
        key, _ = fixed_node(spec)
        if key in ("value", "mapping"):
            return None
        key, node = ("mapping", spec.mapping) if spec.mapping is not None else ("value", spec.value)
        if node is None or node == "":
            return None
        if not isinstance(node, str):
            message = f"'{key}' has to be a JSONPath"
            self._diagnostics.warning("value-invalid", message, spec.at(key))
            return None
        return self._path(path_text(node) or node, spec, key)

    def _path(self, text: str, spec: OutputParameter, key: str) -> Path | None:
        try:
            return compile_path(text)
        except JsonPathInvalid as error:
            message = f"'{text}': {error}"
            self._diagnostics.error("jsonpath-invalid", message, spec.at(key), unit=self._unit)
            return None

    def _fixed(
        self, spec: OutputParameter, type_: str | None, max_length: int | None
    ) -> Fixed | None:
        key, node = fixed_node(spec)
        if node is None:
            return None
        fixed = compile_fixed(node, spec.at(key), self._resolve)
        fixed = converted(fixed, lambda value: fixed_value(value, type_, max_length))
        if fixed.constant is not ABSENT and not is_of_type(fixed.constant, type_):
            message = f"'{node}' can't be converted to {type_}; it is passed on as it is"
            self._diagnostics.warning("value-invalid", message, spec.at(key))
        return fixed

    def _max_length(self, spec: OutputParameter) -> int | None:
        if spec.max_length is None:
            return None
        text = str(spec.max_length)
        if text.isascii() and text.isdigit():
            return int(text)
        message = "'maxLength' has to be a whole number, 0 or more; nothing is cut"
        self._diagnostics.warning("value-invalid", message, spec.at("maxLength"))
        return None
