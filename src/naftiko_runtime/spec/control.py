"""Control adapters: the management port."""

from __future__ import annotations

from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.block import Block, Free, Port, Raw, Text, Word


class ControlAdapter(Block):
    """A management server."""

    type: Word = "control"
    namespace: Text = None
    address: Text = None
    port: Port
    description: Text = None
    authentication: Authentication | None = None
    management: Free = None
    observability: Free = None
    tags: Raw = None
