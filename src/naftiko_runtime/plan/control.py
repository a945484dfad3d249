"""Control adapters: which endpoints the management port has. Section 8."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.load.nodes import Map
from naftiko_runtime.plan.adapters import ControlPlan
from naftiko_runtime.plan.callers import read_caller_check
from naftiko_runtime.plan.context import Context
from naftiko_runtime.spec.control import (
    ControlAdapter,
    LocalEndpoint,
    LocalTraces,
    Management,
    Observability,
    Traces,
)

DEFAULT_NAMESPACE: Final = "control"
DEFAULT_TRACES: Final = 100


def plan_control(
    adapter: ControlAdapter, context: Context, capability: str, specification: str | None
) -> ControlPlan:
    """Compile a control adapter; endpoints that can't be served are left out and reported.

    Args:
        adapter: The adapter.
        context: What names mean outside of any adapter.
        capability: The name of its capability.
        specification: The version of the specification that the document names.
    """
    namespace = adapter.namespace or DEFAULT_NAMESPACE
    management = adapter.management or Management()
    for key, at in _not_served(adapter):
        context.diagnostics.warning(
            "not-yet-supported",
            f"'{key}' of '{namespace}' is not supported yet; the adapter is served without it",
            at,
        )
    return ControlPlan(
        namespace,
        adapter.address,
        adapter.port,
        adapter.description,
        read_caller_check(adapter.authentication, context.names, namespace),
        adapter.position,
        capability,
        specification,
        management.health is not False,
        management.info is True,
        management.reload is True,
        _shows_metrics(adapter.observability or Observability()),
        _kept_traces(adapter.observability or Observability()),
        context.scripts.governance if isinstance(management.scripting, Map) else None,
    )


def _shows_metrics(said: Observability) -> bool:
    return said.enabled is not False and _is_on(said.metrics.local if said.metrics else None)


def _kept_traces(said: Observability) -> int:
    local = said.traces.local if said.traces else None
    if said.enabled is False or not _is_on(local):
        return 0
    return (local.buffer_size if local else None) or DEFAULT_TRACES


def _is_on(local: LocalEndpoint | LocalTraces | None) -> bool:
    return local is None or local.enabled is not False


def _not_served(adapter: ControlAdapter) -> Iterator[tuple[str, Position]]:
    """Yield what the adapter asks for in vain, and where."""
    management, said = adapter.management, adapter.observability
    if management is not None:
        if management.validate_:
            yield "management.validate", management.at("validate")
        if management.logs not in (None, False):
            yield "management.logs", management.at("logs")
    if said is not None and said.enabled is not False:
        if said.traces is not None:
            yield from _untraced(said.traces)
        if said.exporters is not None:
            yield "observability.exporters", said.at("exporters")


def _untraced(said: Traces) -> Iterator[tuple[str, Position]]:
    """Yield what is asked for of traces that the operator decides on, and it is not the default."""
    if said.sampling not in (None, 1):
        yield "observability.traces.sampling", said.at("sampling")
    if said.propagation not in (None, "w3c"):
        yield "observability.traces.propagation", said.at("propagation")
