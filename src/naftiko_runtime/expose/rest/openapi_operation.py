"""One route as an OpenAPI 3.1 operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from naftiko_runtime.expose.rest.openapi_components import (
    PROBLEM_REFERENCE,
    scheme_name,
    scheme_scopes,
)
from naftiko_runtime.plan.adapters import Route
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Absent, Json

_CREDENTIAL: Final = "Replaces the credential that this server has for upstream; may be left out."
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_JSON: Final = "application/json"


def describe_operation(route: Route, identifier: str, names: Mapping[str, str]) -> dict[str, Json]:
    """Describe a route.

    Args:
        route: What to describe.
        identifier: Its `operationId`.
        names: What the variables of its path are called in the description.
    """
    described: dict[str, Json] = {
        "operationId": identifier,
        "tags": [route.resource],
        "summary": route.summary or route.name,
    }
    if route.description and route.description != route.summary:
        described["description"] = route.description
    parameters = [*_path_parameters(route, names), *_other_parameters(route.operation.inputs)]
    if parameters:
        described["parameters"] = [*parameters]
    body = _request_body([one for one in route.operation.inputs if one.place is Place.BODY])
    if body:
        described["requestBody"] = body
    described["responses"] = _responses(route)
    if route.callers is not None:
        described["security"] = [{scheme_name(route.callers): scheme_scopes(route.callers)}]
    return described


def _path_parameters(route: Route, names: Mapping[str, str]) -> Iterator[dict[str, Json]]:
    inputs = {one.name: one for one in route.operation.inputs if one.place is Place.PATH}
    for variable in route.path.variables:
        one = inputs[variable.name]
        yield {
            "name": names[variable.name],
            "in": "path",
            "required": True,
            **_described(one),
            "schema": _schema(one),
        }


def _other_parameters(inputs: Sequence[Input]) -> Iterator[dict[str, Json]]:
    for one in inputs:
        if one.place not in (Place.PATH, Place.BODY):
            parameter: dict[str, Json] = {"name": one.name, "in": one.place.value}
            if one.required and not one.has_default:
                parameter["required"] = True
            yield {**parameter, **_described(one), **_style(one), "schema": _schema(one)}


def _described(one: Input) -> dict[str, Json]:
    """Return the description of an input, which says so where it is a credential."""
    said = [(one.description or "").rstrip("."), _CREDENTIAL if one.hidden else ""]
    text = ". ".join(filter(None, said)) if one.hidden else one.description
    return {"description": text} if text else {}


def _style(one: Input) -> dict[str, Json]:
    is_deep = one.place is Place.QUERY and one.type == "object"
    return {"style": "deepObject", "explode": True} if is_deep else {}


def _schema(one: Input) -> dict[str, Json]:
    schema: dict[str, Json] = {"type": one.type, **one.schema} if one.type else {**one.schema}
    if not isinstance(one.default, Absent):
        schema.setdefault("default", one.default)
    schema.pop("description", None)
    return schema


def _request_body(inputs: Sequence[Input]) -> dict[str, Json]:
    if not inputs:
        return {}
    whole = next((one for one in inputs if one.whole_body), None)
    schema = _schema(whole) if whole is not None else _object_of(inputs)
    body: dict[str, Json] = {}
    if whole is not None and whole.description:
        body["description"] = whole.description
    media_types = [_JSON]
    if schema.get("type", "object") == "object":
        media_types += _FORMS
    body["content"] = {media_type: {"schema": schema} for media_type in media_types}
    body["required"] = any(one.required and not one.has_default for one in inputs)
    return body


def _object_of(inputs: Sequence[Input]) -> dict[str, Json]:
    """Return the schema of a body whose fields are inputs; of picked ones the way is not told."""
    fields = [one for one in inputs if one.body_path is None]
    schema: dict[str, Json] = {"type": "object"}
    schema["properties"] = {one.name: _field(one) for one in fields}
    required = [one.name for one in fields if one.required and not one.has_default]
    if required:
        schema["required"] = [*required]
    return schema


def _field(one: Input) -> dict[str, Json]:
    return {**_schema(one), **_described(one)}


def _responses(route: Route) -> dict[str, Json]:
    operation = route.operation
    success: dict[str, Json] = {
        "description": "Success.",
        "content": {_media_type(operation): {"schema": operation.outputs.schema or {}}},
    }
    responses: dict[str, Json] = {"200": success}
    if route.method == "DELETE":
        responses["204"] = {"description": "Success; there is nothing to say about it."}
    responses["default"] = {
        "description": "An error: upstream's own as it came, or a problem that was found here.",
        "content": {"application/problem+json": {"schema": PROBLEM_REFERENCE}, _JSON: {}},
    }
    return responses


def _media_type(operation: Operation) -> str:
    """Return what successful answers are: JSON where they are shaped here, else upstream's."""
    call = operation.action
    if not operation.outputs.identity or not isinstance(call, CallPlan):
        return _JSON
    return call.accept.decode("latin-1").partition(",")[0].partition(";")[0]
