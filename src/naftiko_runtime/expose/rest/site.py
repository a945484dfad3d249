"""The pages around a listener's routes: its description, its documentation, its health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from time import perf_counter
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.routing import Route

from naftiko_runtime._version import __version__
from naftiko_runtime.execute.upstream.message import Headers
from naftiko_runtime.expose.rest.problems import not_offered, unknown_path
from naftiko_runtime.expose.rest.request_id import request_id
from naftiko_runtime.expose.rest.response import Answer, send_answer
from naftiko_runtime.plan.expressions import to_json
from naftiko_runtime.values import Json

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from naftiko_runtime.expose.rest.service import OnAnswer

_OFFERED: Final = ("GET", "HEAD")
_JSON: Final = b"application/json"
_ASSETS: Final = {
    "/docs": ("docs.html", b"text/html; charset=utf-8"),
    "/docs/docs.css": ("docs.css", b"text/css; charset=utf-8"),
    "/docs/docs.js": ("docs.js", b"text/javascript; charset=utf-8"),
}
PAGES: Final = frozenset({"/openapi.json", "/healthz", *_ASSETS})
"""Where the pages are."""

_GUARDS: Final[Headers] = (
    (b"cache-control", b"no-cache"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        b"img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def build_site(
    document: Mapping[str, Json], *, docs: bool = True, on_answer: OnAnswer | None = None
) -> Starlette:
    """Build the application that answers where no capability does.

    Args:
        document: The OpenAPI description of the listener's routes; it is serialised once.
        docs: Whether there are pages at all; without them every path is unknown.
        on_answer: Told of requests for paths that nothing is served at.
    """
    pages = {
        "/openapi.json": _page(to_json(dict(document)), _JSON),
        "/healthz": _page(to_json({"status": "ok", "version": __version__}), _JSON),
        **{path: _page(_asset(name), kind) for path, (name, kind) in _ASSETS.items()},
    }
    site = Starlette(routes=[Route(path, page) for path, page in pages.items()] if docs else [])
    site.router.redirect_slashes = False
    site.router.default = _Unknown(on_answer)
    return site


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that never changes."""

    answer: Answer

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        called = request_id(scope["headers"])
        method = scope["method"]
        is_offered = method in _OFFERED
        answer = self.answer if is_offered else not_offered(method, _OFFERED, _path(scope), called)
        await send_answer(answer, called, send, head=method == "HEAD")


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Answers for paths that nothing is served at."""

    on_answer: OnAnswer | None

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        started = perf_counter()
        called = request_id(scope["headers"])
        answer = unknown_path().answer(_path(scope), called)
        await send_answer(answer, called, send, head=scope["method"] == "HEAD")
        if self.on_answer is not None:
            seconds = perf_counter() - started
            self.on_answer(scope["method"], _path(scope), None, answer.status, seconds, called)


def _page(body: bytes, content_type: bytes) -> _Page:
    return _Page(Answer(200, ((b"content-type", content_type), *_GUARDS), body))


def _asset(name: str) -> bytes:
    return files("naftiko_runtime.expose.rest").joinpath("assets", name).read_bytes()


def _path(scope: Scope) -> str:
    path: bytes = scope["raw_path"]
    return path.decode("latin-1")
