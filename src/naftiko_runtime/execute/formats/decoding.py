"""Formats by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final, TypeAlias

from naftiko_runtime.execute.formats.avro import avro_decoder
from naftiko_runtime.execute.formats.binary import decode_binary
from naftiko_runtime.execute.formats.delimited import delimited_decoder
from naftiko_runtime.execute.formats.format import Decoder, FormatInvalid, FormatOptions
from naftiko_runtime.execute.formats.html_tables import html_decoder
from naftiko_runtime.execute.formats.json_format import decode_json
from naftiko_runtime.execute.formats.markdown import markdown_decoder
from naftiko_runtime.execute.formats.protobuf import protobuf_decoder
from naftiko_runtime.execute.formats.xml_format import decode_xml
from naftiko_runtime.execute.formats.yaml_format import decode_yaml

_Compile: TypeAlias = Callable[[FormatOptions], Decoder]

_COMPILERS: Final[Mapping[str, _Compile]] = MappingProxyType(
    {
        "json": lambda _: decode_json,
        "xml": lambda _: decode_xml,
        "csv": lambda _: delimited_decoder("CSV", ","),
        "tsv": lambda _: delimited_decoder("TSV", "\t"),
        "psv": lambda _: delimited_decoder("PSV", "|"),
        "yaml": lambda _: decode_yaml,
        "html": html_decoder,
        "markdown": markdown_decoder,
        "avro": avro_decoder,
        "protobuf": protobuf_decoder,
        "binary": lambda _: decode_binary,
    }
)
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "html": ("selectolax",),
        "markdown": ("markdown_it",),
        "avro": ("fastavro",),
        "protobuf": ("google", "google.protobuf", "grpc_tools"),
    }
)

FORMATS: Final = tuple(_COMPILERS)
"""The names of all formats, as `outputRawFormat` has them."""

NO_OPTIONS: Final = FormatOptions()
"""What holds for a format that nothing more is said about."""


def missing_extra(raw_format: str) -> str | None:
    """Return the extra that a format needs and that is not installed: `naftiko-runtime[html]`."""
    needed = _NEEDED.get(raw_format, ())
    is_there = all(find_spec(module) is not None for module in needed)
    return None if is_there else f"naftiko-runtime[{raw_format}]"


def compile_decoder(raw_format: str, options: FormatOptions = NO_OPTIONS) -> Decoder:
    """Return what decodes bodies of a format; schemas and selectors are read once, here.

    Args:
        raw_format: `outputRawFormat`, in lower case.
        options: What else the consumed operation says.

    Raises:
        FormatInvalid: There is no such format, its extra is missing, or its schema is no good.
    """
    if raw_format not in _COMPILERS:
        raise FormatInvalid(f"there is no format '{raw_format}'")
    extra = missing_extra(raw_format)
    if extra is not None:
        raise FormatInvalid(f"'{raw_format}' needs an extra: pip install '{extra}'")
    return _COMPILERS[raw_format](options)
