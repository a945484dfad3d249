"""An upstream that remembers what it was sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from naftiko_runtime.execute.upstream.message import UpstreamRequest, UpstreamResponse
from naftiko_runtime.values import Deadline
from tests.upstreams import WithoutStreams

ANSWER = UpstreamResponse(200, ((b"content-type", b"application/json"),), b'{"answer": "yes"}')


@dataclass(slots=True)
class RecordingUpstream(WithoutStreams):
    """An `UpstreamClient` that answers everything alike, and keeps the requests."""

    requests: list[UpstreamRequest] = field(default_factory=list)

    async def send(self, request: UpstreamRequest, deadline: Deadline) -> UpstreamResponse:
        """Keep the request and answer it."""
        assert deadline.remaining() > 0
        self.requests.append(request)
        return ANSWER

    async def aclose(self) -> None:
        """Nothing is open."""

    def taken(self) -> list[UpstreamRequest]:
        """Return the requests since the last time."""
        taken, self.requests = self.requests, []
        return taken
