"""From a caller's request to the one that is passed on upstream. Section 10 of the behaviour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from naftiko_runtime.errors import InputProblem, InvalidInput, VariableMissing
from naftiko_runtime.execute.outcome import relayed
from naftiko_runtime.execute.requests import USER_AGENT, check_credentials, complete_base
from naftiko_runtime.execute.upstream.message import Headers, StreamedBody, UpstreamRequest
from naftiko_runtime.plan.base_uris import BaseUri
from naftiko_runtime.plan.calls import ACCEPT_ANYTHING
from naftiko_runtime.plan.forwarding import ForwardPlan
from naftiko_runtime.values import record

_ABOUT_THE_BODY: Final = frozenset({b"content-type", b"content-encoding"})
"""What tells upstream how to read the bytes of a body, whoever is trusted."""

_ABOUT_THE_ANSWER: Final = frozenset({b"content-length", b"content-encoding", b"content-range"})
"""What tells callers how to read the bytes of an answer that nobody has decoded."""

_UNPRINTABLE: Final = re.compile(rb"[^!-~]")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_SEPARATOR: Final = re.compile(r"[/\\]")
_BLANK: Final = " \t\r\n\0"
_DOTS: Final = (".", "..")
_DECODINGS: Final = 4
"""How often a path is decoded in search of `..`, for servers that decode more than once."""


@record
class Incoming:
    """A caller's request.

    Attributes:
        method: In upper case.
        rest: The path behind the exposed one, still percent-encoded; None where the exposed path
            takes no more.
        query: The query string as it came.
        headers: As they came, names in lower case.
        body: None where there is none.
    """

    method: str
    rest: str | None
    query: bytes
    headers: Headers
    body: StreamedBody | None


def assemble_forward(plan: ForwardPlan, incoming: Incoming) -> UpstreamRequest:
    """Build the request that is passed on.

    Raises:
        BaseUriMissing: Nobody has said yet where the API lives.
        CredentialMissing: A credential has no value, and the caller brought none.
        VariableMissing: A fixed parameter has no value.
        InvalidInput: The path leads out of the base URI, or a header can't be sent.
    """
    base = complete_base(plan.base)
    target = _target(plan, base, incoming)
    headers = list(_passed_on(plan, incoming))
    names = {name for name, _ in headers}
    provides = plan.credentials.provides
    check_credentials(
        plan.credentials,
        lambda: any(("header", name.decode("latin-1")) in provides for name in names),
    )
    if plan.missing is not None:
        raise VariableMissing(plan.missing)
    for name, value in _added(plan):
        if name not in names:
            headers.append((name, value))
            names.add(name)
    return UpstreamRequest(incoming.method, base.origin, target, tuple(headers))


def relayed_as_coded(headers: Headers) -> Headers:
    """Return the headers of an answer that callers may see, whose body was not decoded."""
    kept = {*relayed(headers)}
    return tuple([pair for pair in headers if pair in kept or pair[0] in _ABOUT_THE_ANSWER])


def stays_inside(rest: str) -> bool:
    """Return whether a path stays below what it is appended to, however a server reads it.

    Args:
        rest: Percent-encoded, without its first slash.
    """
    for _ in range(_DECODINGS):
        plain = unquote(rest, "latin-1")
        if plain == rest:
            break
        rest = plain
    else:
        return False
    first, *others = _SEPARATOR.split(rest)
    is_rooted = not first and bool(others)
    segments = (one.partition(";")[0].strip(_BLANK) for one in (first, *others))
    return not is_rooted and not any(one in _DOTS for one in segments)


def _target(plan: ForwardPlan, base: BaseUri, incoming: Incoming) -> bytes:
    rest = incoming.rest
    if rest is not None and not stays_inside(rest):
        detail = "the path may not begin with a slash, nor hold '.' or '..' as a segment"
        raise InvalidInput((InputProblem("/path", detail),))
    path = base.prefix if rest is None and base.prefix else f"{base.prefix}/{rest or ''}"
    query = b"&".join([*_kept_query(plan, incoming.query), *(q.encode() for q in plan.query)])
    return _printable(path.encode("latin-1")) + (b"?" + _printable(query) if query else b"")


def _kept_query(plan: ForwardPlan, query: bytes) -> Iterator[bytes]:
    """Yield the caller's query as it is, but for the parameters that are not the caller's."""
    for pair in query.split(b"&") if query else ():
        name = unquote_plus(pair.partition(b"=")[0].decode("latin-1"))
        if name not in plan.own_query:
            yield pair


def _printable(text: bytes) -> bytes:
    """Encode what can not stand in a request line; all else stays as it was sent."""
    return _UNPRINTABLE.sub(lambda match: b"%%%02X" % match[0][0], text)


def _passed_on(plan: ForwardPlan, incoming: Incoming) -> Iterator[tuple[bytes, bytes]]:
    """Yield the caller's headers that go on, but never what `Connection` names (RFC 9110 7.6.1)."""
    wanted = plan.trusted if incoming.body is None else plan.trusted | _ABOUT_THE_BODY
    ended = {
        member.strip().lower()
        for name, value in incoming.headers
        if name == b"connection"
        for member in value.split(b",")
    }
    cookies = list(plan.cookies)
    for name, value in incoming.headers:
        if name not in wanted or name in ended:
            continue
        if _CONTROL.search(value):
            detail = "a header may not hold control characters"
            raise InvalidInput((InputProblem(f"/{name.decode('latin-1')}", detail),))
        if name == b"cookie":
            cookies += _kept_cookies(plan, value)
        else:
            yield name, value.strip()
    if cookies:
        yield b"cookie", b"; ".join(cookies)


def _kept_cookies(plan: ForwardPlan, value: bytes) -> Iterator[bytes]:
    for pair in value.split(b";"):
        if pair.strip().partition(b"=")[0].decode("latin-1") not in plan.own_cookies:
            yield pair.strip()


def _added(plan: ForwardPlan) -> Iterator[tuple[bytes, bytes]]:
    yield from plan.credentials.headers
    yield from plan.headers
    yield b"accept", ACCEPT_ANYTHING
    yield b"accept-encoding", b"identity"
    yield b"user-agent", USER_AGENT
