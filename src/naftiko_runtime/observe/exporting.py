"""Spans on their way to the collector: without secrets, and with a word in the log if they fail."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.util.types import AttributeValue

from naftiko_runtime.diagnostics.harmless import Mask

_log: Final = logging.getLogger("naftiko.tracing")

_OTLP: Final = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
"""The logger of the SDK's exporter, which complains of every attempt."""


class ReportingExporter(SpanExporter):
    """Exports by another exporter; says once that this fails, and once that it works again.

    Args:
        exporter: What exports.
        mask: Hides secrets in the texts of spans.

    Attributes:
        fails: Whether the last batch could not be exported.
    """

    def __init__(self, exporter: SpanExporter, mask: Mask) -> None:
        self._exporter = exporter
        self._mask = mask
        self._is_ending = False
        self.fails = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export a batch, or lose it."""
        with complaints_of(_OTLP) as complaints:
            try:
                result = self._exporter.export([_masked(span, self._mask) for span in spans])
            except Exception as error:  # noqa: BLE001 - nobody above could do anything about it
                complaints.append(f"{type(error).__qualname__}: {error}")
                result = SpanExportResult.FAILURE
        if not self._is_ending:
            self._report(result, complaints)
        return result

    def shutdown(self) -> None:
        """Export no more."""
        self._exporter.shutdown()

    def give_up(self) -> None:
        """Say that what is left is lost, and nothing more."""
        self._is_ending = True
        _log.warning("the last spans did not reach the collector in time")

    def _report(self, result: SpanExportResult, complaints: Sequence[str]) -> None:
        before, self.fails = self.fails, result is not SpanExportResult.SUCCESS
        if self.fails and not before:
            reason = complaints[0] if complaints else "no reason is known"
            _log.warning("spans do not reach the collector, and are dropped: %s", reason)
        elif before and not self.fails:
            _log.warning("spans reach the collector again")


class _Complaints(logging.Handler):
    """Keeps what is logged to itself."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def complaints_of(name: str) -> Iterator[list[str]]:
    """Collect what would be logged meanwhile under a name, instead of having it in the log."""
    logger, kept = logging.getLogger(name), _Complaints()
    logger.addHandler(kept)
    logger.propagate = False
    try:
        yield kept.messages
    finally:
        logger.propagate = True
        logger.removeHandler(kept)


def _masked(span: ReadableSpan, mask: Mask) -> ReadableSpan:
    """Return a span whose texts hold no secret; it has neither events nor a text in its status."""
    return ReadableSpan(
        name=mask(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_masked_values(span.attributes or {}, mask),
        links=span.links,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _masked_values(
    attributes: Mapping[str, AttributeValue], mask: Mask
) -> dict[str, AttributeValue]:
    return {
        name: mask(value) if isinstance(value, str) else value for name, value in attributes.items()
    }
