"""The consumed side of a document: which operations upstream offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from naftiko_runtime.values import ABSENT, Value
from tests.corpus.oracle.documents import Block, UnknownConstruct, expect_keys
from tests.corpus.oracle.names import variables

_API: Final = frozenset(
    {"type", "namespace", "baseUri", "description", "resources", "authentication"}
    | {"inputParameters"}
)
_RESOURCE: Final = frozenset({"name", "path", "description", "operations", "inputParameters"})
_OPERATION: Final = frozenset(
    {"name", "method", "path", "description", "inputParameters", "body"}
    | {"outputRawFormat", "outputParameters"}
)
_PARAMETER: Final = frozenset({"name", "in", "type", "description", "required", "value"})
_PLACES: Final = frozenset({"path", "query", "header", "cookie", "body"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a consumed operation, declared or implied by a path variable."""

    name: str
    place: str
    type: str | None
    required: bool
    description: str | None = None
    fixed: Value = ABSENT


@dataclass(frozen=True, slots=True)
class Consumed:
    """A consumed operation with everything that its resource and its API say about it."""

    namespace: str
    name: str
    method: str
    base_uri: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Any
    authentication: Block | None

    @property
    def address(self) -> str:
        return f"{self.namespace}.{self.name}"

    @property
    def takes_any_json(self) -> bool:
        """Whether the caller's body goes upstream as it came (behaviour, section 5)."""
        return bool(self.body == {"type": "json"})


def consumed_operations(capability: Block) -> list[Consumed]:
    """Return the consumed operations of a capability in document order."""
    return [one for api in capability["consumes"] for one in _of_api(api)]


def _of_api(api: Block) -> Iterator[Consumed]:
    expect_keys(api, _API, f"consumed API {api.get('namespace')}")
    for resource in api["resources"]:
        expect_keys(resource, _RESOURCE, f"consumed resource {resource.get('name')}")
        for operation in resource["operations"]:
            yield _operation(api, resource, operation)


def _operation(api: Block, resource: Block, operation: Block) -> Consumed:
    expect_keys(operation, _OPERATION, f"consumed operation {operation.get('name')}")
    if operation.get("outputRawFormat", "json") != "json":
        raise UnknownConstruct(f"answers in {operation['outputRawFormat']}")
    path = _path(operation.get("path", resource["path"]))
    return Consumed(
        namespace=api["namespace"],
        name=operation["name"],
        method=operation["method"].upper(),
        base_uri=api.get("baseUri") or "",
        path=path,
        parameters=_parameters(path, [api, resource, operation]),
        body=operation.get("body"),
        authentication=api.get("authentication"),
    )


def _path(path: str) -> str:
    """Return a path without its fragment, which is never sent."""
    bare = path.partition("#")[0]
    if "?" in bare:
        raise UnknownConstruct(f"path {path} has a query string")
    return bare


def _parameters(path: str, levels: Sequence[Block]) -> tuple[Parameter, ...]:
    """Return the parameters of all levels and those that the path implies.

    Inner ones win, but for the value of an outer one where they have none.
    """
    declared: dict[tuple[str, str], Parameter] = {}
    for level in levels:
        for block in level.get("inputParameters") or ():
            parameter = _parameter(block)
            key = (parameter.place, parameter.name)
            outer = declared.get(key, parameter)
            if parameter.fixed is ABSENT:
                parameter = replace(parameter, fixed=outer.fixed)
            declared[key] = parameter
    for name in variables(path):
        declared.setdefault(("path", name), Parameter(name, "path", "string", required=True))
    idle = [n for place, n in declared if place == "path" and n not in variables(path)]
    if idle:
        raise UnknownConstruct(f"path {path} lacks the declared variables {idle}")
    return tuple(declared.values())


def _parameter(block: Block) -> Parameter:
    expect_keys(block, _PARAMETER, f"consumed parameter {block.get('name')}")
    place = block["in"]
    if place not in _PLACES:
        raise UnknownConstruct(f"parameter {block['name']} is in {place}")
    required = place == "path" or block.get("required") is True
    description = block.get("description")
    fixed: Value = block.get("value", ABSENT)
    return Parameter(block["name"], place, block.get("type"), required, description, fixed)
