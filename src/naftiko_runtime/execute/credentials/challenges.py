"""Reads `WWW-Authenticate`: several challenges, in several headers or in one (RFC 9110 11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.request import parse_http_list

from naftiko_runtime.execute.upstream.message import Headers

_NAME: Final = b"www-authenticate"
_SCHEME: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s+|$)(?!\s*=)(.*)", re.DOTALL)


@dataclass(slots=True)
class AuthChallenge:
    """What a server asks for.

    Attributes:
        scheme: In lower case.
        parameters: Their values without quotes, names in lower case.
    """

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def read_challenges(headers: Headers) -> list[AuthChallenge]:
    """Return all challenges in the order of their coming; what is none is left out."""
    found: list[AuthChallenge] = []
    for name, value in headers:
        if name == _NAME:
            found.extend(_in_one_header(_text(value)))
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _in_one_header(text: str) -> Iterator[AuthChallenge]:
    """Yield challenges: commas part them from one another, and their parameters, too."""
    current: AuthChallenge | None = None
    for part in parse_http_list(text):
        scheme = _SCHEME.fullmatch(part)
        if scheme is not None:
            if current is not None:
                yield current
            current = AuthChallenge(scheme[1].lower())
            part = scheme[2]
        if current is not None:
            _add(current, part)
    if current is not None:
        yield current


def _add(challenge: AuthChallenge, part: str) -> None:
    name, equals, value = part.partition("=")
    if equals:
        challenge.parameters[name.strip().lower()] = _unquoted(value.strip())


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if quoted else value
