"""From upstream's answer to the outcome of a call."""

from __future__ import annotations

from typing import Final

from naftiko_runtime.execute.formats import decode
from naftiko_runtime.execute.outcome import Outcome, relayed
from naftiko_runtime.execute.upstream.message import Headers, UpstreamResponse
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.expressions import Scope, to_json
from naftiko_runtime.plan.shaping import OutputPlan
from naftiko_runtime.values import Json

_ABOUT_THE_BODY: Final = frozenset({b"content-type", b"etag", b"last-modified"})
_JSON: Final = (b"content-type", b"application/json")


def decoded(call: CallPlan, response: UpstreamResponse) -> Json:
    """Return the body of an answer as a value; an empty one is null.

    Raises:
        UpstreamBodyInvalid: The body is not what its format promises.
    """
    if not response.body:
        return None
    return decode(call.raw_format, response.body, _content_type(response.headers))


def answer(
    call: CallPlan, outputs: OutputPlan, response: UpstreamResponse, scope: Scope
) -> Outcome:
    """Return the outcome of a call: success is shaped, all else relayed as it came."""
    headers = relayed(response.headers)
    is_success = 200 <= response.status < 300
    if outputs.identity or not is_success or not response.body:
        return Outcome(response.status, headers, response.body)
    return value_outcome(outputs.shape(decoded(call, response), scope), response.status, headers)


def value_outcome(value: Json, status: int = 200, headers: Headers = ()) -> Outcome:
    """Return a value made here as an outcome in JSON."""
    kept = tuple(pair for pair in headers if pair[0] not in _ABOUT_THE_BODY)
    return Outcome(status, (_JSON, *kept), to_json(value), value)


def _content_type(headers: Headers) -> str | None:
    value = next((value for name, value in headers if name == b"content-type"), None)
    return value.decode("latin-1") if value is not None else None
