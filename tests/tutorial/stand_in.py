"""A stand-in for the tutorial's two APIs, which keeps the requests that it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from naftiko_runtime._version import __version__
from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from tests.tutorial.descriptions import DescribedOperation, Example, read_description
from tests.upstreams import RecordingClient

DESCRIPTIONS: Final = {
    "registry": "naftiko-shipyard-maritime-registry-api.yaml",
    "legacy": "naftiko-shipyard-legacy-dockyard-api.yaml",
}
"""The namespaces under which the tutorial consumes its APIs, and their descriptions."""

REGISTRY: Final = "http://registry.test/rest/registry"
LEGACY: Final = "http://dockyard.test/rest/dockyard"
BASE_URIS: Final = {"registry": REGISTRY, "legacy": LEGACY}
"""Where the stand-in answers for each of them."""


Apis: TypeAlias = Mapping[str, tuple[DescribedOperation, ...]]
"""The operations of each API, by base URI."""


def read_apis(folder: Path) -> Apis:
    """Read the APIs that a folder describes."""
    return {
        BASE_URIS[namespace]: read_description(folder / name)
        for namespace, name in DESCRIPTIONS.items()
    }


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as upstream has got it, without the headers that every request has."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None


class StandIn:
    """Answers as the APIs do by their descriptions.

    Args:
        apis: The APIs.

    Attributes:
        client: What carries requests to it.
    """

    def __init__(self, apis: Apis) -> None:
        self._apis = apis
        self.client = RecordingClient(self._respond)

    def example(self, method: str, url: str) -> Example | None:
        """Return what answers a request; None where the APIs have no such operation."""
        path, _, query = url.partition("?")
        base_uri = next(one for one in self._apis if path.startswith(f"{one}/"))
        below = path.removeprefix(base_uri)
        offered = (one for one in self._apis[base_uri] if one.method == method)
        examples = (operation.example(below, query) for operation in offered)
        return next((example for example in examples if example is not None), None)

    def taken(self) -> list[Sent]:
        """Return the requests since the last time."""
        taken, self.client.requests = self.client.requests, []
        return [_sent(request) for request in taken]

    def _respond(self, request: UpstreamRequest) -> UpstreamResponse:
        example = self.example(request.method, _url(request))
        if example is None:
            return UpstreamResponse(404, (), b"")
        headers = ((b"content-type", example.media_type.encode()),)
        return UpstreamResponse(example.status, headers, example.body(request.body or b""))


def _url(request: UpstreamRequest) -> str:
    origin = request.origin
    return f"{origin.scheme}://{origin.host}{request.target.decode('ascii')}"


def _sent(request: UpstreamRequest) -> Sent:
    headers = {name.decode(): value.decode() for name, value in request.headers}
    assert headers.pop("user-agent") == f"naftiko-runtime/{__version__}"
    assert headers.pop("accept-encoding")
    return Sent(request.method, _url(request), headers, request.body)
