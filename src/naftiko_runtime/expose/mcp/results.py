"""What calls come to, as MCP tool results: the one table from errors to them. Section 7."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import Final

from pydantic_core import from_json

from naftiko_runtime.errors import (
    BaseUriMissing,
    CallerRefused,
    CallError,
    CallerUnverifiable,
    CredentialMissing,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    RequestTooLarge,
    ScriptFailed,
    TooManyAttempts,
    TooManyCalls,
    UnsupportedContent,
    UpstreamBodyInvalid,
    UpstreamBusy,
    UpstreamCircuitOpen,
    UpstreamCredentialRefused,
    UpstreamError,
    UpstreamProtocolError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
    VariableMissing,
)
from naftiko_runtime.execute.outcome import Outcome
from naftiko_runtime.expose.mcp.content import (
    Block,
    MediaType,
    beginning,
    block_of,
    media_type,
    text_block,
)
from naftiko_runtime.plan.expressions import to_json
from naftiko_runtime.plan.shaping import OutputPlan
from naftiko_runtime.values import ABSENT, Absent, Json, Value, record

ERROR_BODY_BYTES: Final = 4096
INTERNAL_ERROR: Final = "internal-error"
UPSTREAM_STATUS: Final = "upstream-status"

_TOLD_HEADERS: Final = (("retryAfter", "Retry-After"), ("location", "Location"))
_BOM: Final = b"\xef\xbb\xbf"

TITLES: Final[dict[type[CallError], str]] = {
    CallError: "The call failed",
    InvalidInput: "The arguments do not fit",
    NotAuthenticated: "The caller is not authenticated",
    CallerRefused: "The caller is not let in",
    NotAllowed: "The caller may not do this",
    TooManyAttempts: "Too many attempts have failed",
    CallerUnverifiable: "The caller can't be verified now",
    RequestTooLarge: "The arguments are too large",
    UnsupportedContent: "The arguments have a type that is not read here",
    CredentialMissing: "The credential for the API behind this tool is missing",
    VariableMissing: "A variable of this tool has no value",
    BaseUriMissing: "The address of the API behind this tool is missing",
    ScriptFailed: "A script of this tool failed",
    TooManyCalls: "Too many calls run at once",
    UpstreamError: "The API behind this tool gave no usable answer",
    UpstreamCredentialRefused: "The API behind this tool gives no access",
    UpstreamUnreachable: "The API behind this tool can not be reached",
    UpstreamProtocolError: "The API behind this tool gave no valid HTTP answer",
    UpstreamBodyInvalid: "The API behind this tool answered in another format than expected",
    UpstreamTooLarge: "The API behind this tool answered more than is allowed",
    UpstreamTimeout: "The API behind this tool did not answer in time",
    UpstreamCircuitOpen: "The API behind this tool is left alone for a while",
    UpstreamBusy: "The API behind this tool is busy",
    UpstreamRateLimited: "The API behind this tool may not be asked so often",
}


@record
class ToolResult:
    """The result of one tool call.

    Attributes:
        content: Content blocks.
        structured: The structured content, where there is any.
        is_error: Whether the call failed.
        written: The structured content as JSON, where it was written already.
    """

    content: tuple[Block, ...]
    structured: dict[str, Json] | None = None
    is_error: bool = False
    written: bytes | None = None

    def wire(self) -> dict[str, Json]:
        """Return the result as the protocol has it, good for every revision."""
        result: dict[str, Json] = {
            "resultType": "complete",
            "content": [*self.content],
            "isError": self.is_error,
        }
        if self.structured is not None:
            result["structuredContent"] = self.structured
        return result


def answered(outcome: Outcome, outputs: OutputPlan) -> ToolResult:
    """Return an answer as a result; every status but success is an error."""
    if not 200 <= outcome.status < 300:
        return _upstream_error(outcome)
    if not outcome.body:
        return ToolResult((), _nothing(outputs))
    if not isinstance(outcome.value, Absent):
        return _told(outcome.value, outcome.body, outputs)
    media = media_type(outcome)
    value = _parsed(outcome.body, media)
    if isinstance(value, Absent):
        return ToolResult((block_of(outcome.body, media),))
    return _told(value, to_json(value), outputs)


def failed(error: CallError, request_id: str) -> ToolResult:
    """Return an error of the runtime's own as a result."""
    facts = facts_of(error)
    head = f"{facts['title']} ({error.code}):"
    lines = [f"{head} {error.detail}"]
    if isinstance(error, InvalidInput):
        lines = [head, *(f"{one.pointer}: {one.detail}" for one in error.problems)]
    if "retryAfter" in facts:
        lines.append(f"Retry-After: {facts['retryAfter']}")
    return _error(facts, lines, request_id)


def facts_of(error: CallError, unit: str = "tool") -> dict[str, Json]:
    """Return what a client may know of an error of the runtime's own.

    Args:
        error: The error.
        unit: What the client asked for: a tool, a resource, a prompt.
    """
    title = next(TITLES[one] for one in type(error).__mro__ if one in TITLES)
    facts = _facts(error.code, title.replace("this tool", f"this {unit}"), error.detail)
    if isinstance(error, InvalidInput):
        facts["errors"] = [{"pointer": one.pointer, "detail": one.detail} for one in error.problems]
    if error.retry_after_seconds is not None:
        facts["retryAfter"] = str(max(1, ceil(error.retry_after_seconds)))
    return facts


def unforeseen(request_id: str) -> ToolResult:
    """Return what a caller learns of a fault in the runtime: nothing but where to look it up."""
    title, detail = "Something unforeseen went wrong", "the server's log says more"
    line = f"{title} ({INTERNAL_ERROR}): {detail}"
    return _error(_facts(INTERNAL_ERROR, title, detail), [line], request_id)


def _facts(code: str, title: str, detail: str) -> dict[str, Json]:
    return {"code": code, "title": title, "detail": detail}


def _error(facts: dict[str, Json], lines: list[str], request_id: str) -> ToolResult:
    text = "\n".join([*lines, f"request id: {request_id}"])
    return ToolResult((text_block(text),), {**facts, "request_id": request_id}, is_error=True)


def _upstream_error(outcome: Outcome) -> ToolResult:
    """Return an error status of upstream with its body and what it says about trying again."""
    facts = upstream_facts(outcome)
    where = f" ({outcome.step})" if outcome.step is not None else ""
    lines = [f"The API behind this tool answered {status_line(outcome.status)}{where}"]
    lines += [f"{header}: {facts[key]}" for key, header in _TOLD_HEADERS if key in facts]
    lines += [str(facts["body"])] if facts["body"] else []
    return ToolResult((text_block("\n".join(lines)),), facts, is_error=True)


def upstream_facts(outcome: Outcome) -> dict[str, Json]:
    """Return what a client may know of an error status of upstream: the body's beginning, too."""
    body = beginning(outcome.body, media_type(outcome), ERROR_BODY_BYTES)
    facts: dict[str, Json] = {"code": UPSTREAM_STATUS, "status": outcome.status, "body": body}
    if outcome.step is not None:
        facts["step"] = outcome.step
    for key, header in _TOLD_HEADERS:
        value = outcome.header(header.lower().encode())
        if value is not None:
            facts[key] = value.decode("latin-1")
    return facts


def status_line(status: int) -> str:
    """Return a status with its reason, RFC 9110 section 15."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _told(value: Json, written: bytes, outputs: OutputPlan) -> ToolResult:
    """Return a value and how it is written, as text and as what outputs make of it."""
    content, structured = (text_block(written.decode()),), outputs.structure(value)
    return ToolResult(content, structured, written=written if structured is value else None)


def _parsed(body: bytes, media: MediaType) -> Value:
    """Return the JSON value of a body; absent where it is something else.

    Many APIs label JSON as text, so lists and objects count whatever the label says.
    """
    if media.kind in ("image", "audio"):
        return ABSENT
    try:
        value: Json = from_json(body.removeprefix(_BOM), allow_inf_nan=False)
    except ValueError:
        return ABSENT
    return value if media.is_json or isinstance(value, (dict, list)) else ABSENT


def _nothing(outputs: OutputPlan) -> dict[str, Json] | None:
    """Return the structured content of an empty answer, for clients that insist on one."""
    if outputs.schema is None:
        return None
    return {} if outputs.structured else outputs.structure(None)
