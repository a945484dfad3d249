"""What a consumed operation says about the body of its answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position
from naftiko_runtime.plan.sizes import DEFAULT_BINARY_BYTES, read_size
from naftiko_runtime.spec.consumes import ConsumedOperation
from naftiko_runtime.spec.mcp import McpAdapter
from naftiko_runtime.spec.rest import RestAdapter

BINARY: Final = "binary"


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class FormatPlan:
    """The format of an operation's answers.

    Two plans are the same only if they are one object: what is compiled from a plan, such as the
    schema that its file held, belongs to that load of the document.

    Attributes:
        name: `outputRawFormat`, in lower case.
        schema: `outputSchema`: the path of a schema, a CSS selector or the start of a heading.
        folder: Where the path of a schema starts: the folder of the file that names it.
        media_type: `outputMediaType`: what answers are called, whatever upstream calls them.
        max_bytes: How large a binary body may be; None for the adapter's limit, or the default.
        at: Where the document says so: at the schema, if it names one.
    """

    name: str
    schema: str | None
    folder: Path
    media_type: str | None
    max_bytes: int | None
    at: Position

    @property
    def binary_limit(self) -> int | None:
        """How many bytes a body may have; None where the format is not binary."""
        if self.name != BINARY:
            return None
        return self.max_bytes if self.max_bytes is not None else DEFAULT_BINARY_BYTES

    def within(self, adapter_bytes: int) -> FormatPlan:
        """Return the plan inside an adapter with a limit of its own; the operation's goes first."""
        if self.name != BINARY or self.max_bytes is not None:
            return self
        return replace(self, max_bytes=adapter_bytes)


def read_format(spec: ConsumedOperation, diagnostics: Diagnostics) -> FormatPlan:
    """Read what a consumed operation says about its answers."""
    at = spec.at("outputSchema" if spec.has("outputSchema") else "outputRawFormat")
    return FormatPlan(
        spec.output_raw_format or "json",
        spec.output_schema,
        _folder(at.file),
        spec.output_media_type,
        read_limit(spec, diagnostics),
        at,
    )


@lru_cache(maxsize=64)  # all operations of a file ask for it
def _folder(file: str) -> Path:
    return Path(file).parent


def read_limit(
    spec: ConsumedOperation | RestAdapter | McpAdapter, diagnostics: Diagnostics
) -> int | None:
    """Return `maxBinarySize` in bytes; None where a block has none."""
    if spec.max_binary_size is None:
        return None
    return read_size(spec.max_binary_size, spec.at("maxBinarySize"), diagnostics)
