"""`Location` and `Link`: from upstream's URLs to exposed paths. Section 6 of the behaviour."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit

from naftiko_runtime.execute.forwarding import stays_inside
from naftiko_runtime.expose.rest.exposed_path import ExposedPath, exposed_path, upstream_template
from naftiko_runtime.plan.adapters import ForwardRoute, Route
from naftiko_runtime.plan.base_uris import BaseUri
from naftiko_runtime.plan.calls import CallPlan
from naftiko_runtime.plan.forwarding import ForwardPlan
from naftiko_runtime.plan.paths import PathTemplate, Variable, encode_literal
from naftiko_runtime.plan.routes import RouteTable
from naftiko_runtime.plan.steps import StepsPlan

Rewrite: TypeAlias = Callable[[bytes, bytes], bytes]
"""Returns the value of a `location` or `link` header as callers may see it."""

_Host: TypeAlias = tuple[str, int]

_TARGET: Final = re.compile(r"<([^<>]*)>")
_DEFAULT_PORTS: Final = (80, 443)


@dataclass(frozen=True, slots=True)
class _Found:
    """What an upstream path is here.

    Attributes:
        path: The exposed path.
        query: Query parameters that are a part of upstream's path.
        parameters: The exposed names of upstream's query parameters, where those differ.
    """

    path: str
    query: list[str]
    parameters: dict[str, str]


class Relocations:
    """What the paths of upstream are called here: one table for each of its hosts.

    Args:
        routes: The routes of one adapter; links lead to its own paths only.
        forwards: Its forwards, which stand for all paths of an API that no route stands for.
    """

    def __init__(self, routes: Iterable[Route], forwards: Iterable[ForwardRoute] = ()) -> None:
        self._tables: dict[_Host, RouteTable[ExposedPath | str]] = {}
        for route in sorted(routes, key=lambda route: route.method != "GET"):
            call = route.operation.action
            if isinstance(call, CallPlan) and isinstance(call.base, BaseUri):
                self._add(route, call, call.base)
        for forward in forwards:
            if isinstance(forward.plan.base, BaseUri):
                self._add_forward(forward.path, forward.plan.base)

    def rewrite_for(self, action: CallPlan | ForwardPlan | StepsPlan | None) -> Rewrite:
        """Return what rewrites the headers of one action's answers."""
        if isinstance(action, StepsPlan):
            action = action.last_call.call if action.last_call is not None else None
        if action is None or not isinstance(action.base, BaseUri):
            return lambda _, value: value
        return _Rewriter(self, action, action.base)

    def find(self, host: _Host, path: str) -> _Found | None:
        """Return what an upstream path is here, if it is anything."""
        table = self._tables.get(host)
        match = table.match("GET", path) if table is not None else None
        if match is None or match.route is None:
            return None
        if isinstance(match.route, str):
            is_ours = stays_inside(match.rest)
            return _Found(match.route + match.rest, [], {}) if is_ours else None
        filled = match.route.fill(match.variables)
        if filled is None:
            return None
        return _Found(filled, match.route.query(match.variables), match.route.parameters)

    def _add(self, route: Route, call: CallPlan, base: BaseUri) -> None:
        exposed = exposed_path(route, call)
        if exposed is not None:
            template = upstream_template(call, base)
            table = self._tables.setdefault(_host(base.origin.host, base.origin.port), RouteTable())
            table.add("GET", template, exposed)

    def _add_forward(self, path: PathTemplate, base: BaseUri) -> None:
        """Note the paths that a forward stands for, where its own path is always the same."""
        before = path.parts[:-1] if path.spans else path.parts
        if all(isinstance(part, str) for part in before):
            exposed = "".join(encode_literal(part) for part in before if isinstance(part, str))
            there = (f"{base.prefix}/", Variable("path")) if path.spans else (base.prefix or "/",)
            table = self._tables.setdefault(_host(base.origin.host, base.origin.port), RouteTable())
            table.add("GET", PathTemplate(there, spans=path.spans), exposed)


class _Rewriter:
    """Rewrites the headers of the answers to one call."""

    def __init__(
        self, relocations: Relocations, call: CallPlan | ForwardPlan, base: BaseUri
    ) -> None:
        self._relocations = relocations
        self._base = base
        self._secret = {unquote_plus(pair.partition("=")[0]) for pair in call.credentials.query}

    def __call__(self, name: bytes, value: bytes) -> bytes:
        text = value.decode("latin-1")
        if name == b"location":
            return self._url(text).encode("latin-1", "replace")
        linked = _TARGET.sub(lambda match: f"<{self._url(match[1])}>", text)
        return linked.encode("latin-1", "replace")

    def _url(self, url: str) -> str:
        """Return a URL with its path as exposed, and without the API's credentials."""
        try:
            parts = urlsplit(url.strip())
            host = self._host_of(parts)
        except ValueError:
            return url
        found = self._relocations.find(host, parts.path) if host is not None else None
        if found is not None:
            query = [*found.query, *self._pairs(parts.query, found.parameters)]
            return SplitResult("", "", found.path, "&".join(query), parts.fragment).geturl()
        if not self._secret:
            return url
        return parts._replace(query="&".join(self._pairs(parts.query, {}))).geturl()

    def _host_of(self, parts: SplitResult) -> _Host | None:
        """Return the host that a URL means; None if it is relative to the path, or no web page."""
        if not parts.path.startswith("/") or parts.username is not None:
            return None
        origin = self._base.origin
        if not parts.netloc:
            return None if parts.scheme else _host(origin.host, origin.port)
        if parts.scheme not in ("http", "https", "") or not parts.hostname:
            return None
        return _host(parts.hostname, parts.port or _DEFAULT_PORTS[0])

    def _pairs(self, query: str, parameters: dict[str, str]) -> list[str]:
        """Return the parameters of a query under their exposed names, without credentials."""
        pairs = (pair.partition("=") for pair in query.split("&") if pair)
        named = ((unquote_plus(name), name, equals, value) for name, equals, value in pairs)
        return [
            (quote(parameters[plain], safe="") if plain in parameters else name) + equals + value
            for plain, name, equals, value in named
            if plain not in self._secret
        ]


def _host(host: str, port: int) -> _Host:
    """Return what tells hosts apart; http and https on their own ports are one."""
    return host.lower(), 0 if port in _DEFAULT_PORTS else port
