"""An upstream request as text: as HTTP, and as a command for curl. Neither shows a secret."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from naftiko_runtime.diagnostics.harmless import Mask
from naftiko_runtime.execute.upstream.message import UpstreamRequest
from naftiko_runtime.execute.upstream.wire import content_length, host_header
from naftiko_runtime.plan.credentials import Credentials
from naftiko_runtime.secrecy import MASK

_SCHEMES: Final = ("bearer", "basic")


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request of which everything can be shown.

    Attributes:
        method: Its method.
        url: Its URL.
        headers: Its headers, `host` first.
        body: Its body; None where it has none, or where it is no text.
        body_bytes: How long its body is; None where it has none.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    body_bytes: int | None

    def as_http(self) -> str:
        """Return the request as it goes over the wire, RFC 9112."""
        target = self.url.partition("://")[2].partition("/")[2]
        lines = [f"{self.method} /{target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body is not None:
            lines += ["", self.body]
        elif self.body_bytes is not None:
            lines += ["", f"<{self.body_bytes} bytes that are no text>"]
        return "\n".join(lines)

    def as_curl(self) -> str:
        """Return a command that sends the request, once what is masked is filled in."""
        return " \\\n  ".join([self._curl(), shlex.quote(self.url), *self._curl_options()])

    def _curl(self) -> str:
        if self.method == "HEAD":
            return "curl --head"
        has_default = self.method == "GET" and self.body_bytes is None
        return "curl" if has_default else f"curl --request {shlex.quote(self.method)}"

    def _curl_options(self) -> Iterator[str]:
        for name, value in self.headers:
            if name == "accept-encoding":
                yield "--compressed"
            elif name not in ("host", "content-length"):
                yield f"--header {shlex.quote(f'{name}: {value}')}"
        if self.body is not None:
            yield f"--data-raw {shlex.quote(self.body)}"
        elif self.body_bytes is not None:
            yield "--data-binary @FILE"


def shown_request(request: UpstreamRequest, credentials: Credentials, mask: Mask) -> ShownRequest:
    """Return a request as it can be shown.

    Args:
        request: The request.
        credentials: What in it proves who calls; shown as `***` even if the file holds it openly.
        mask: Hides secrets wherever else they stand.
    """
    proofs = {name for name, _ in credentials.headers} | {b"authorization"}
    origin = request.origin
    authority = host_header(origin).decode()
    headers = [("host", mask(authority))]
    for name, value in request.headers:
        text = value.decode("latin-1")
        if name == b"cookie":
            shown = _without_proofs(text, "; ", [one.decode() for one in credentials.cookies])
        else:
            shown = _proof(text) if name in proofs else text
        headers.append((name.decode(), mask(shown)))
    length = content_length(request)
    if length is not None:
        headers.append(("content-length", length.decode()))
    path, question, query = request.target.decode().partition("?")
    shown_query = _without_proofs(query, "&", credentials.query)
    return ShownRequest(
        request.method,
        mask(f"{origin.scheme}://{authority}{path}{question}{shown_query}"),
        tuple(headers),
        _text(request.body, mask),
        len(request.body) if request.body is not None else None,
    )


def _proof(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.lower() in _SCHEMES else MASK


def _without_proofs(text: str, separator: str, proofs: list[str] | tuple[str, ...]) -> str:
    pairs = text.split(separator)
    return separator.join(
        f"{pair.partition('=')[0]}={MASK}" if pair in proofs else pair for pair in pairs
    )


def _text(body: bytes | None, mask: Mask) -> str | None:
    if body is None:
        return None
    try:
        return mask(body.decode())
    except UnicodeDecodeError:
        return None
