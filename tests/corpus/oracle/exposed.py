"""The exposed side of a document: which units there are, and what each of them calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.corpus.oracle.consumed import Consumed, consumed_operations
from tests.corpus.oracle.documents import Block, UnknownConstruct, expect_keys
from tests.corpus.oracle.names import ends_with, route_key, shape
from tests.corpus.oracle.surroundings import surroundings

_REST: Final = frozenset({"type", "namespace", "port", "address", "description", "resources"})
_MCP: Final = frozenset({"type", "namespace", "port", "address", "description", "transport"})
_RESOURCE: Final = frozenset({"path", "name", "description", "operations"})
_UNIT: Final = frozenset(
    {"name", "description", "call", "with", "inputParameters", "outputParameters"}
)
_INPUT: Final = frozenset({"name", "in", "type", "description", "required", "value"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A REST operation or an MCP tool, and the consumed operation it stands for.

    Attributes:
        face: `rest` or `mcp`.
        adapter: The namespace of the exposing adapter.
        name: As callers see it.
        method: Of a REST operation, in upper case.
        path: Of a REST operation.
        given: Its `with`.
        declared: Its `inputParameters`.
        calls: The address of a consumed operation.
        bound: The names of the document's variables.
        consumed: What it calls; None where there is no such thing.
    """

    face: str
    adapter: str
    name: str
    method: str
    path: str
    given: Mapping[str, Any]
    declared: tuple[Block, ...]
    calls: str | None
    bound: frozenset[str]
    consumed: Consumed | None = None

    def __str__(self) -> str:
        if self.face == "rest":
            return f"REST {self.method} {self.path} ({self.name})"
        return f"MCP tool {self.name}"

    @property
    def upstream(self) -> Consumed:
        """The consumed operation of a unit that has one."""
        if self.consumed is None:
            raise UnknownConstruct(f"{self} calls nothing that exists")
        return self.consumed


def exposed_units(document: Block) -> list[Unit]:
    """Return every exposed unit, those left out for want of a consumed operation included."""
    capability = document["capability"]
    consumed = consumed_operations(capability)
    names = frozenset(surroundings(document).sources)
    return [
        unit
        for adapter in capability["exposes"]
        for unit in _bound(list(_units(adapter, names)), consumed)
    ]


def served_units(document: Block) -> list[Unit]:
    """Return the units that can be called: bound ones, and of equal routes the first."""
    served: list[Unit] = []
    routes: set[tuple[str, str]] = set()
    for unit in exposed_units(document):
        key = route_key(unit.method, unit.path)
        if unit.consumed is None or (unit.face == "rest" and key in routes):
            continue
        routes.add(key)
        served.append(unit)
    return served


def _units(adapter: Block, bound: frozenset[str]) -> Iterator[Unit]:
    namespace = adapter["namespace"]
    if adapter["type"] == "rest":
        expect_keys(adapter, _REST, "REST adapter")
        for resource in adapter["resources"]:
            expect_keys(resource, _RESOURCE, f"REST resource {resource.get('name')}")
            for block in resource["operations"]:
                expect_keys(block, _UNIT | {"method"}, f"REST operation {block.get('name')}")
                yield _unit("rest", namespace, block, resource["path"], bound)
    elif adapter["type"] == "mcp":
        expect_keys(adapter, _MCP | {"tools"}, "MCP adapter")
        for block in _with_own_names(adapter["tools"]):
            expect_keys(block, _UNIT | {"hints"}, f"tool {block.get('name')}")
            yield _unit("mcp", namespace, block, "", bound)
    else:
        raise UnknownConstruct(f"adapter of type {adapter['type']}")


def _unit(face: str, namespace: str, block: Block, path: str, bound: frozenset[str]) -> Unit:
    declared = tuple(block.get("inputParameters") or ())
    for one in declared:
        expect_keys(one, _INPUT, f"input {one.get('name')}")
    return Unit(
        face=face,
        adapter=namespace,
        name=block["name"],
        method=block.get("method", "").upper(),
        path=path,
        given=block.get("with") or {},
        declared=declared,
        calls=block.get("call"),
        bound=bound,
    )


def _with_own_names(tools: Sequence[Block]) -> Iterator[Block]:
    """Yield tools; later ones of the same name with a number after it (section 1)."""
    seen: Counter[str] = Counter()
    for block in tools:
        seen[block["name"]] += 1
        number = seen[block["name"]]
        yield block if number == 1 else {**block, "name": f"{block['name']}-{number}"}


def _bound(units: Sequence[Unit], consumed: Sequence[Consumed]) -> list[Unit]:
    """Bind the units of one adapter to consumed operations (behaviour, section 1)."""
    chosen = {at: _by_path(unit, _candidates(unit, consumed)) for at, unit in enumerate(units)}
    for address in {unit.calls for unit in units}:
        open_ = [at for at, one in chosen.items() if one is None and units[at].calls == address]
        for order, at in enumerate(open_):
            candidates = _candidates(units[at], consumed)
            paired = len(candidates) == len(open_)
            chosen[at] = candidates[order if paired else 0] if candidates else None
    return [replace(unit, consumed=chosen[at]) for at, unit in enumerate(units)]


def _candidates(unit: Unit, consumed: Sequence[Consumed]) -> list[Consumed]:
    if unit.calls is not None:
        return [one for one in consumed if one.address == unit.calls]
    namesakes = [one for one in consumed if one.name == unit.name]
    return namesakes if len(namesakes) == 1 and unit.face == "rest" else []


def _by_path(unit: Unit, candidates: Sequence[Consumed]) -> Consumed | None:
    """Return the only candidate, or the only one whose method and path are the unit's own."""
    if len(candidates) == 1:
        return candidates[0]
    alike = [
        one
        for one in candidates
        if one.method == unit.method and ends_with(shape(unit.path), shape(one.path))
    ]
    return alike[0] if len(alike) == 1 else None
