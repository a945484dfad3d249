"""What control adapters say, in the shapes that their clients know."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence

from naftiko_runtime._version import __version__
from naftiko_runtime.diagnostics.as_json import render_json
from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.expose.control.process import AdapterState, ProcessState, Reloaded, Traces
from naftiko_runtime.plan.adapters import ControlPlan
from naftiko_runtime.plan.governance import Governance
from naftiko_runtime.values import Json

UP: Json = {"status": "UP"}


def is_ready(state: ProcessState) -> bool:
    """Return whether requests may be sent to the process; control adapters do not count."""
    served = all(one.is_started for one in state.adapters if one.type != "control")
    return served and not state.obstacles


def readiness(state: ProcessState, mask: Mask) -> dict[str, Json]:
    """Return whether requests may be sent to the process, and if not, why."""
    told: dict[str, Json] = {
        "status": "UP" if is_ready(state) else "DEGRADED",
        "adapters": _adapters(state.adapters, mask),
    }
    return {**told, "reasons": list(state.obstacles)} if state.obstacles else told


def status(plans: Sequence[ControlPlan], state: ProcessState, mask: Mask) -> dict[str, Json]:
    """Return what runs: the capabilities of some adapters, the runtime, all adapters.

    Args:
        plans: The adapters.
        state: The process.
        mask: Hides secrets.
    """
    capabilities = [_capability(one, mask) for one in plans]
    return {
        "capability": capabilities[0],
        "capabilities": list(capabilities),
        "engine": {
            "name": "naftiko-runtime",
            "version": __version__,
            "python": platform.python_version(),
        },
        "uptime": _duration(state.uptime_seconds),
        "otel": {"status": "active" if state.is_traced else "inactive"},
        "adapters": _adapters(state.adapters, mask),
    }


def scripting(plans: Sequence[ControlPlan], mask: Mask) -> dict[str, Json]:
    """Return what holds for scripts; where there are several capabilities, for each."""
    told = [
        ({"label": mask(one.capability)}, _governance(one.scripting, mask))
        for one in plans
        if one.scripting is not None
    ]
    if len(told) == 1:
        return told[0][1]
    return {"capabilities": [{**label, **rules} for label, rules in told]}


def reloaded(result: Reloaded, mask: Mask) -> dict[str, Json]:
    """Return what came of a reload."""
    diagnostics: Json = json.loads(render_json(result.diagnostics, mask=mask))
    return {
        "status": "reloaded",
        "served": _masked(result.served, mask),
        "kept": _masked(result.kept, mask),
        "leftOut": _masked(result.left_out, mask),
        "diagnostics": diagnostics,
    }


def traces(found: Traces, operation: str, wanted: str) -> dict[str, Json]:
    """Return the traces that ended last, without their spans.

    Args:
        found: All that are kept.
        operation: What their names hold.
        wanted: Their status, in upper case; empty for any.
    """
    chosen: list[Json] = [
        {**_without_spans(one), "spanCount": len(_spans(one))}
        for one in found.newest_first
        if operation in str(one["operation"]) and wanted in ("", one["status"])
    ]
    used = len(found.newest_first)
    return {"traces": chosen, "bufferSize": found.size, "bufferUsed": used}


def trace(found: Traces, trace_id: str) -> dict[str, Json] | None:
    """Return a trace with all its spans; None where it is not kept.

    Several requests may belong to one trace of their caller: the newest of them tells of it.
    """
    parts = [one for one in found.newest_first if one["traceId"] == trace_id]
    if not parts:
        return None
    return {**parts[0], "spans": [span for part in reversed(parts) for span in _spans(part)]}


def _without_spans(trace: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in trace.items() if key != "spans"}


def _spans(trace: dict[str, Json]) -> list[Json]:
    spans = trace["spans"]
    assert isinstance(spans, list)
    return spans


def _capability(plan: ControlPlan, mask: Mask) -> dict[str, Json]:
    told: dict[str, Json] = {"label": mask(plan.capability)}
    if plan.specification is not None:
        told["specVersion"] = mask(plan.specification)
    return told


def _adapters(adapters: Iterable[AdapterState], mask: Mask) -> list[Json]:
    return [_adapter(one, mask) for one in adapters]


def _adapter(adapter: AdapterState, mask: Mask) -> dict[str, Json]:
    told: dict[str, Json] = {"type": adapter.type}
    if adapter.namespace:
        told["namespace"] = mask(adapter.namespace)
    if adapter.port is not None:
        told["port"] = adapter.port
    return {**told, "state": "started" if adapter.is_started else "stopped"}


def _governance(rules: Governance, mask: Mask) -> dict[str, Json]:
    told: dict[str, Json] = {"enabled": rules.enabled}
    if rules.location is not None:
        told["defaultLocation"] = mask(rules.location[0])
    if rules.language is not None:
        told["defaultLanguage"] = mask(rules.language)
    told["timeout"] = round(rules.seconds * 1000)
    if rules.allowed:
        told["allowedLanguages"] = _masked(sorted(rules.allowed), mask)
    return told


def _masked(texts: Iterable[str], mask: Mask) -> list[Json]:
    return [mask(text) for text in texts]


def _duration(seconds: float) -> str:
    """Return a time in whole seconds as ISO 8601 has it."""
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number]
    return "PT" + "".join([*parts, f"{left}S" if left or not parts else ""])
