"""What the decoders of all formats share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.values import Json, record

Decoder: TypeAlias = Callable[[bytes, str | None], Json]
"""Decodes a body, given its content type; raises `UpstreamBodyInvalid`."""

MAX_DEPTH: Final = 500
"""How deep a decoded value may be: all that is done with it later can bear that much."""


@record
class FormatOptions:
    """What a consumed operation says about the format of its answers.

    Attributes:
        schema: `outputSchema`: the path of a schema (Avro, Protobuf), a CSS selector (HTML) or the
            start of a heading (Markdown).
        folder: Where the path of a schema starts: the folder of the capability file.
    """

    schema: str | None = None
    folder: Path = Path()


class FormatInvalid(ValueError):
    """A format that bodies can't be decoded by; the message says why."""


def invalid(name: str, detail: str) -> UpstreamBodyInvalid:
    """Return the error for a body that is not what its format promises."""
    return UpstreamBodyInvalid(f"The upstream API's answer is not valid {name}: {detail}")


def schema_file(options: FormatOptions, name: str) -> Path:
    """Return the file of a schema that a format can't do without.

    Raises:
        FormatInvalid: None is named, or there is no such file.
    """
    if not options.schema:
        raise FormatInvalid(f"{name} needs 'outputSchema', the path of its schema")
    file = options.folder / options.schema
    if not file.is_file():
        raise FormatInvalid(f"there is no schema {file}")
    return file
