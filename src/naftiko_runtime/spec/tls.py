"""`x-tls`: by which certificates a consumed API is known, and the runtime to it."""

from __future__ import annotations

from pydantic import Field

from naftiko_runtime.spec.block import Block, Raw, Text


class Tls(Block):
    """TLS towards a consumed API; the whole block extends the specification.

    `ca`, `certificate` and `key` are PEM text, or files relative to the capability.
    """

    ca: Raw = None
    certificate: Raw = None
    key: Raw = None
    key_password: Raw = Field(None, validation_alias="keyPassword")
    server_name: Raw = Field(None, validation_alias="serverName")
    verify: Raw = None
    description: Text = None
