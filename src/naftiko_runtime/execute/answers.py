"""From upstream's answer to the outcome of a call."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.errors import UpstreamTooLarge
from naftiko_runtime.execute.formats import Decoders
from naftiko_runtime.execute.outcome import Outcome, relayed
from naftiko_runtime.execute.upstream.message import Headers, UpstreamResponse
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope, to_json
from naftiko_runtime.plan.formats import BINARY, FormatPlan
from naftiko_runtime.plan.shaping import OutputPlan
from naftiko_runtime.values import Json

_ABOUT_THE_BODY: Final = frozenset({b"content-type", b"etag", b"last-modified"})
_CONTENT_TYPE: Final = b"content-type"
_JSON: Final = (_CONTENT_TYPE, b"application/json")
_BYTES: Final = b"application/octet-stream"


class Answers:
    """Makes outcomes of upstream's answers."""

    def __init__(self) -> None:
        self._decoders = Decoders()

    def decoded(self, call: CallPlan, response: UpstreamResponse) -> Json:
        """Return the body of a success as a value; an empty one is null.

        Raises:
            UpstreamBodyInvalid: The body is not what its format promises.
            UpstreamTooLarge: It is binary, and over its limit.
        """
        if not response.body:
            return None
        _check_size(call.format, response.body)
        content_type = _header(response.headers, _CONTENT_TYPE)
        text = content_type.decode("latin-1") if content_type is not None else None
        return self._decoders.decode(call.format, response.body, text)

    def answer(
        self, call: CallPlan, outputs: OutputPlan, response: UpstreamResponse, scope: Scope
    ) -> Outcome:
        """Return the outcome of a call: success is shaped, all else relayed as it came.

        Raises:
            UpstreamBodyInvalid: The body is to be shaped, and not what its format promises.
            UpstreamTooLarge: It is binary, and over its limit.
        """
        headers = relayed(response.headers)
        is_success = 200 <= response.status < 300
        if not is_success or not response.body:
            return Outcome(response.status, headers, response.body)
        if outputs.identity:
            _check_size(call.format, response.body)
            return Outcome(response.status, _named(call.format, headers), response.body)
        shaped = outputs.shape(self.decoded(call, response), scope)
        return value_outcome(shaped, response.status, headers)


def value_outcome(value: Json, status: int = 200, headers: Headers = ()) -> Outcome:
    """Return a value made here as an outcome in JSON."""
    kept = tuple(pair for pair in headers if pair[0] not in _ABOUT_THE_BODY)
    return Outcome(status, (_JSON, *kept), to_json(value), value)


def _check_size(format_: FormatPlan, body: bytes) -> None:
    limit = format_.binary_limit
    if limit is not None and len(body) > limit:
        raise UpstreamTooLarge(f"The upstream API's answer is larger than {limit} bytes.")


def _named(format_: FormatPlan, headers: Headers) -> Headers:
    """Return the headers with the media type that the document says, where it says one."""
    media_type = format_.media_type.encode() if format_.media_type is not None else None
    if media_type is None and format_.name == BINARY and _header(headers, _CONTENT_TYPE) is None:
        media_type = _BYTES
    if media_type is None:
        return headers
    return ((_CONTENT_TYPE, media_type), *(pair for pair in headers if pair[0] != _CONTENT_TYPE))


def _header(headers: Headers, name: bytes) -> bytes | None:
    return next((value for key, value in headers if key == name), None)
