"""The decoders of the formats that plans ask for."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.execute.formats.decoding import compile_decoder
from naftiko_runtime.execute.formats.format import Decoder, FormatInvalid, FormatOptions
from naftiko_runtime.execute.formats.json_format import decode_json
from naftiko_runtime.plan.formats import FormatPlan
from naftiko_runtime.values import Json


def decoder_of(plan: FormatPlan) -> Decoder:
    """Compile the decoder of a plan: `compile_decoder`."""
    return compile_decoder(plan.name, FormatOptions(plan.schema, plan.folder))


class Decoders:
    """Compiles a decoder for each plan once, and keeps it as long as there is the plan."""

    def __init__(self) -> None:
        self._compiled: WeakKeyDictionary[FormatPlan, Decoder] = WeakKeyDictionary()

    def decode(self, plan: FormatPlan, body: bytes, content_type: str | None) -> Json:
        """Decode a body.

        Args:
            plan: Its format.
            body: All of it.
            content_type: What upstream calls it.

        Raises:
            UpstreamBodyInvalid: The body is not what its format promises, or can't be decoded at
                all.
        """
        if plan.name == "json":
            return decode_json(body, content_type)
        decoder = self._compiled.get(plan)
        if decoder is None:
            decoder = self._compiled[plan] = _compiled(plan)
        return decoder(body, content_type)


def _compiled(plan: FormatPlan) -> Decoder:
    try:
        return decoder_of(plan)
    except FormatInvalid as error:
        detail = "The upstream API's answer can't be decoded: its format is not set up"
        raise UpstreamBodyInvalid(detail) from error
