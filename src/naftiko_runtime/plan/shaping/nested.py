"""The nested form of `mapping`: `{properties: ...}` and `{items: ...}`.

It says the same as `properties` and `items` beside a plain `mapping`, and is read as if that had
been written. A text in it stands for a parameter with nothing but that `mapping`.
"""

from __future__ import annotations

from pydantic import ValidationError

from naftiko_runtime.load.nodes import Map, Node
from naftiko_runtime.spec.parameters import OutputParameter


def flattened(spec: OutputParameter) -> OutputParameter:
    """Return an output whose mapping is not nested; what can't be read of it is left out."""
    nested = spec.nested_mapping
    if nested is None:
        return spec
    try:
        shape = OutputParameter.model_validate(_parameter(nested))
    except ValidationError:
        return spec.model_copy(update={"mapping": None})
    return spec.model_copy(
        update={
            "mapping": shape.mapping,
            "type": spec.type or shape.type,
            "properties": _merged(spec.properties, shape.properties),
            "items": shape.items or spec.items,
            "values": shape.values or spec.values,
        }
    )


def nested_problem(spec: OutputParameter) -> str | None:
    """Return what is wrong with a nested mapping."""
    nested = spec.nested_mapping
    try:
        if nested is not None:
            OutputParameter.model_validate(_parameter(nested))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"'{where}' has to be a mapping or a JSONPath"
    return None


def _merged(
    plain: tuple[OutputParameter, ...], nested: tuple[OutputParameter, ...]
) -> tuple[OutputParameter, ...]:
    """Return properties of both forms; where both have one, the nested form goes first."""
    others = {one.name: one for one in plain}
    merged = [_completed(one, others.pop(one.name, None)) for one in nested]
    return (*merged, *others.values())


def _completed(nested: OutputParameter, plain: OutputParameter | None) -> OutputParameter:
    if plain is None:
        return nested
    missing = plain.model_fields_set - nested.model_fields_set
    return nested.model_copy(update={field: getattr(plain, field) for field in missing})


def _parameter(nested: Map) -> Map:
    """Return a nested mapping in which every text has become a parameter with that mapping."""
    parameter = _copy(nested)
    for key in ("items", "values"):
        if key in nested:
            parameter[key] = _member(nested, key)
    properties = nested.get("properties")
    if isinstance(properties, Map):
        parameter["properties"] = members = _copy(properties)
        members.update({name: _member(properties, name) for name in properties})
    return parameter


def _member(parent: Map, key: str) -> Node:
    node = parent[key]
    if isinstance(node, Map):
        return _parameter(node)
    if not isinstance(node, str):
        return node
    member = Map(parent.file, parent.value_marks.get(key, parent.mark))
    member["mapping"] = node
    member.value_marks["mapping"] = member.mark
    return member


def _copy(source: Map) -> Map:
    copy = Map(source.file, source.mark)
    copy.update(source)
    copy.key_marks.update(source.key_marks)
    copy.value_marks.update(source.value_marks)
    return copy
