"""What several processes measured, put together as one text that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

_OPENMETRICS: Final = "application/openmetrics-text"
_WORKER: Final = "worker"
_CREATED: Final = "_created"
_TOTAL: Final = "_total"
_WITHOUT_TOTAL: Final = frozenset({"naftiko_request_errors"})
"""Counters that the reference engine calls so; Prometheus and OpenMetrics know no such counters."""


def pack(families: Iterable[Metric]) -> bytes:
    """Return what a process measured, as `expose` reads it; not when each series began."""
    return orjson.dumps([_packed(one) for one in families])


def expose(packed: Iterable[tuple[str | None, bytes]], accept: str) -> tuple[str, bytes]:
    """Return what was measured, in Prometheus' text format, or in OpenMetrics where asked for.

    Args:
        packed: For each process what it is called, None where it needs no name, and its `pack`.
        accept: The header of that name.

    Returns:
        The media type, and the text.
    """
    families: dict[str, Metric] = {}
    for process, content in sorted(packed, key=lambda one: one[0] or ""):
        for name, documentation, kind, samples in orjson.loads(content):
            family = families.setdefault(name, Metric(name, documentation, kind))
            for sample, labels, value in samples:
                own = labels if process is None else {**labels, _WORKER: process}
                family.add_sample(sample, own, value)
    encode, media_type = choose_encoder(_OPENMETRICS if _OPENMETRICS in accept else "")
    return media_type, encode(_Collected(tuple(families.values())))


@dataclass(frozen=True, slots=True)
class _Collected:
    """Families that were put together before: the library's `Collector`."""

    families: Sequence[Metric]

    def collect(self) -> Sequence[Metric]:
        """Return them."""
        return self.families


def _packed(family: Metric) -> list[object]:
    samples = [
        (one.name, {label: value for label, value in one.labels.items() if value}, one.value)
        for one in family.samples
        if not one.name.endswith(_CREATED)
    ]
    if family.name not in _WITHOUT_TOTAL:
        return [family.name, family.documentation, family.type, samples]
    named = [(name.removesuffix(_TOTAL), labels, value) for name, labels, value in samples]
    return [family.name, family.documentation, "unknown", named]
