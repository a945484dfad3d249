"""Which consumed operation a unit calls, also where names are taken twice or missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position, did_you_mean
from naftiko_runtime.plan.consumed import Catalogue, Consumed
from naftiko_runtime.plan.folding import fold
from naftiko_runtime.plan.paths import PathTemplate, Variable
from naftiko_runtime.values import record

MOST_COMPARED: Final = 20_000
"""How many names unknown calls of a document are compared with, for hints."""

_UNKNOWN: Final = frozenset({"operation-unknown", "namespace-unknown"})


@record
class Caller:
    """A unit, or a step, that calls a consumed operation.

    Attributes:
        unit: The exposed unit, `namespace.name`.
        call: The consumed operation, as the document refers to it.
        at: Where it does.
        method: The exposed method, on REST.
        path: The exposed path, on REST.
    """

    unit: str
    call: str
    at: Position
    method: str | None = None
    path: PathTemplate | None = None


def resolve_calls(
    callers: Sequence[Caller], catalogue: Catalogue, diagnostics: Diagnostics
) -> list[Consumed | None]:
    """Find the operation of each caller of one adapter; None where there is none (an error).

    A name that several operations bear is settled by method and path; callers that this does not
    settle are paired with the operations that are left, in document order, when there are equally
    many of both; otherwise the first operation is taken, with a warning.
    """
    found = [_candidates(caller, catalogue, diagnostics) for caller in callers]
    resolved = [_settle(caller, many) for caller, many in zip(callers, found, strict=True)]
    calling: dict[str, list[int]] = {}
    for index, caller in enumerate(callers):
        if len(found[index]) > 1:
            calling.setdefault(caller.call, []).append(index)
    for indexes in calling.values():
        open_ = [index for index in indexes if resolved[index] is None]
        if open_:
            taken = [resolved[index] for index in indexes]
            free = [one for one in found[open_[0]] if one not in taken]
            _pair(open_, free, found[open_[0]], callers, resolved, diagnostics)
    return resolved


def _pair(
    open_: list[int],
    free: list[Consumed],
    all_: list[Consumed],
    callers: Sequence[Caller],
    resolved: list[Consumed | None],
    diagnostics: Diagnostics,
) -> None:
    if len(open_) == len(free):
        for index, consumed in zip(open_, free, strict=True):
            resolved[index] = consumed
        return
    for index in open_:
        resolved[index] = all_[0]
        caller = callers[index]
        diagnostics.warning(
            "operation-ambiguous",
            f"there are {len(all_)} operations '{caller.call}'; {caller.unit} calls the first",
            caller.at,
            hint=f"that is {all_[0].method} {all_[0].path} at {all_[0].at}; rename the others",
        )


def _candidates(caller: Caller, catalogue: Catalogue, diagnostics: Diagnostics) -> list[Consumed]:
    operations = operations_named(caller.call, catalogue)
    if operations:
        return operations
    _report_unknown(caller, catalogue, diagnostics)
    return []


def _report_unknown(caller: Caller, catalogue: Catalogue, diagnostics: Diagnostics) -> None:
    hint = _hint(caller.call, catalogue, diagnostics)
    left_out = f"{caller.unit} is left out"
    if not caller.call or any(caller.call.startswith(f"{namespace}.") for namespace in catalogue):
        message = f"there is no consumed operation '{caller.call}'; {left_out}"
        diagnostics.error("operation-unknown", message, caller.at, hint=hint, unit=caller.unit)
        return
    known = ", ".join(namespace for namespace in catalogue if namespace) or "none"
    diagnostics.error(
        "namespace-unknown",
        f"'{caller.call}' names no consumed API; {left_out}",
        caller.at,
        hint=hint or f"a call is written namespace.operation; the namespaces are: {known}",
        unit=caller.unit,
    )


def _hint(call: str, catalogue: Catalogue, diagnostics: Diagnostics) -> str | None:
    """Return which operation may be meant.

    Where many calls are unknown, only the first ones are compared with many operations: a thousand
    with a thousand would take minutes.
    """
    addresses = [f"{ns}.{name}" for ns, operations in catalogue.items() for name in operations]
    before = sum(one.code in _UNKNOWN for one in diagnostics)
    return did_you_mean(call, addresses) if before * len(addresses) <= MOST_COMPARED else None


def operations_named(call: str, catalogue: Catalogue) -> list[Consumed]:
    """Return the operations that `namespace.name` may mean; none if there is none."""
    for namespace, operations in catalogue.items():
        name = call.removeprefix(f"{namespace}.")
        if name != call and name in operations:
            return operations[name]
    return []


def _settle(caller: Caller, candidates: list[Consumed]) -> Consumed | None:
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    fitting = [one for one in candidates if _agrees(caller, one)]
    return fitting[0] if len(fitting) == 1 else None


def _agrees(caller: Caller, consumed: Consumed) -> bool:
    if caller.path is None or caller.method != consumed.method:
        return False
    exposed, theirs = shape(caller.path), shape(consumed.path)
    return exposed == theirs or exposed.endswith("/" + theirs.lstrip("/"))


def shape(path: PathTemplate) -> str:
    """Return a path with its spelling folded and its variables unnamed."""
    return "".join("{}" if isinstance(p, Variable) else fold(p) for p in path.parts).rstrip("/")
