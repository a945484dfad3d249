"""Decoding upstream's bodies by `outputRawFormat`. Section 6 of the behaviour.

JSON, XML, delimited text, YAML and binary are read by what is always installed. HTML, Markdown,
Avro and Protobuf need an extra each; `missing_extra` names it.
"""

from naftiko_runtime.execute.formats.decoders import Decoders, decoder_of
from naftiko_runtime.execute.formats.decoding import (
    FORMATS,
    compile_decoder,
    missing_extra,
)
from naftiko_runtime.execute.formats.format import Decoder, FormatInvalid, FormatOptions

__all__ = [
    "FORMATS",
    "Decoder",
    "Decoders",
    "FormatInvalid",
    "FormatOptions",
    "compile_decoder",
    "decoder_of",
    "missing_extra",
]
