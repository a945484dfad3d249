"""What is counted and timed, as Prometheus metrics. Imported only where somebody asks for them.

Labels come from plans, origins and status codes alone, so that no caller can make more of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, values
from prometheus_client.metrics_core import GaugeMetricFamily

from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.observe.exposition import pack
from naftiko_runtime.observe.levels import Levels
from naftiko_runtime.values import KNOWN_METHODS, OTHER_METHOD

# The library would write to a folder that `PROMETHEUS_MULTIPROC_DIR` names, and fail without it.
values.ValueClass = values.MutexValue

Face: TypeAlias = Literal["rest", "mcp", "skill"]
"""How callers reach what is called."""

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""The upper bounds of the buckets of durations."""

UNKNOWN: Final = "unknown"
"""Stands for a unit where a request has led to none."""

_UNIT: Final = ("naftiko_adapter_type", "naftiko_operation_id")
_EXCHANGE: Final = (
    "http_request_method",
    "server_address",
    "http_response_status_code",
    "error_type",
)
_OK: Final = "OK"
_ERROR: Final = "ERROR"


@dataclass(frozen=True, slots=True)
class _Answers:
    """The series of one unit and status."""

    total: Counter
    seconds: Histogram
    errors: Counter | None


@dataclass(frozen=True, slots=True)
class _Exchanges:
    """The series of one upstream, method and outcome."""

    total: Counter
    seconds: Histogram


class Metrics:
    """Counts and times what a process does.

    Args:
        mask: Hides secrets in labels.
    """

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._registry = own = CollectorRegistry()
        self._requests = Counter(
            "naftiko_request", "Requests answered.", (*_UNIT, "status"), registry=own
        )
        self._request_seconds = Histogram(
            "naftiko_request_duration_seconds",
            "How long answers took.",
            (*_UNIT, "status"),
            registry=own,
            buckets=SECONDS,
        )
        self._errors = Counter(
            "naftiko_request_errors", "Requests that failed.", (*_UNIT, "error_type"), registry=own
        )
        self._sent = Counter(
            "naftiko_http_client", "Requests sent upstream.", _EXCHANGE, registry=own
        )
        self._sent_seconds = Histogram(
            "naftiko_http_client_duration_seconds",
            "How long upstream took.",
            _EXCHANGE,
            registry=own,
            buckets=SECONDS,
        )
        self._answers: dict[tuple[Face, str | None, int | str], _Answers] = {}
        self._exchanges: dict[tuple[str, str, int | str], _Exchanges] = {}
        ProcessCollector(registry=own)

    def rest_answered(
        self, _method: str, _path: str, address: str | None, status: int, seconds: float, _id: str
    ) -> None:
        """Count an answered REST request: takes what `log_rest_answer` takes."""
        self._answered("rest", address, status, seconds)

    def skill_answered(
        self, _method: str, _path: str, address: str | None, status: int, seconds: float, _id: str
    ) -> None:
        """Count an answered request for skills: takes what `log_rest_answer` takes."""
        self._answered("skill", address, status, seconds)

    def mcp_called(
        self, address: str, is_error: bool, seconds: float, _id: str, _method: str = "tools/call"
    ) -> None:
        """Count an answered MCP call: takes what `log_mcp_call` takes."""
        self._answered("mcp", address, _ERROR if is_error else _OK, seconds)

    def exchanged(self, method: str, host: str, outcome: int | str, seconds: float) -> None:
        """Count a request that was sent upstream.

        Args:
            method: In upper case.
            host: Where it went.
            outcome: The status of the answer, or what went wrong: the code of an error.
            seconds: How long it took.
        """
        series = self._exchanges.get((method, host, outcome))
        if series is None:
            series = self._exchange(method, host, outcome)
        series.total.inc()
        series.seconds.observe(seconds)

    def pack(self, levels: Levels) -> bytes:
        """Return all that was measured, as another process of the runtime reads it."""
        return pack((*self._registry.collect(), *_gauges(levels, self._mask)))

    def _answered(self, face: Face, address: str | None, status: int | str, seconds: float) -> None:
        series = self._answers.get((face, address, status))
        if series is None:
            series = self._answer(face, address, status)
        series.total.inc()
        series.seconds.observe(seconds)
        if series.errors is not None:
            series.errors.inc()

    def _answer(self, face: Face, address: str | None, status: int | str) -> _Answers:
        unit = (face, self._mask(address) if address is not None else UNKNOWN)
        error = _error_type(status)
        series = _Answers(
            self._requests.labels(*unit, str(status)),
            self._request_seconds.labels(*unit, str(status)),
            self._errors.labels(*unit, error) if error is not None else None,
        )
        self._answers[face, address, status] = series
        return series

    def _exchange(self, method: str, host: str, outcome: int | str) -> _Exchanges:
        known = method if method in KNOWN_METHODS else OTHER_METHOD
        ended = (str(outcome), "") if isinstance(outcome, int) else ("", outcome)
        labels = (known, self._mask(host), *ended)
        series = _Exchanges(self._sent.labels(*labels), self._sent_seconds.labels(*labels))
        self._exchanges[method, host, outcome] = series
        return series


def _error_type(status: int | str) -> str | None:
    """Return what kind of failure a status is; None for success, and for faults of callers."""
    if isinstance(status, str):
        return "handled_error" if status == _ERROR else None
    return str(status) if status >= 500 else None


def _gauges(levels: Levels, mask: Mask) -> Iterator[GaugeMetricFamily]:
    """Yield what a process has in hand."""
    active = GaugeMetricFamily(
        "naftiko_capability_active", "Capabilities that are served.", labels=["naftiko_capability"]
    )
    for name in dict.fromkeys(map(mask, levels.capabilities)):
        active.add_metric([name], 1)
    circuits = GaugeMetricFamily(
        "naftiko_circuit_open", "Whether upstream is left alone for a while.", labels=["origin"]
    )
    for origin, is_open in levels.circuits.items():
        circuits.add_metric([mask(origin)], is_open)
    version = GaugeMetricFamily("naftiko_build_info", "The runtime.", labels=["version"])
    version.add_metric([levels.version], 1)
    connections = "Connections of callers that are open."
    yield from (active, circuits, version)
    yield GaugeMetricFamily("naftiko_connections_open", connections, levels.connections)
    yield GaugeMetricFamily("naftiko_calls_in_progress", "Calls that run.", levels.calls)
