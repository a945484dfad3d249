"""Control adapters: the management port."""

from __future__ import annotations

from pydantic import Field

from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.block import Block, Free, Raw, Text, Word


class ControlAdapter(Block):
    """A management server."""

    type: Word = "control"
    namespace: Text = None
    address: Text = None
    port: int | None = Field(None, ge=0, le=65535)
    description: Text = None
    authentication: Authentication | None = None
    management: Free = None
    observability: Free = None
    tags: Raw = None
