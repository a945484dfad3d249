"""Control adapters: the management port."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field

from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.block import Block, Port, Raw, Text, Word, whole_number

Size: TypeAlias = Annotated[int | None, Field(None, ge=1, le=10_000), BeforeValidator(whole_number)]
"""How much is kept in memory."""


class Management(Block):
    """Which groups of endpoints there are, those for measurements aside."""

    health: bool | None = None
    info: bool | None = None
    reload: bool | None = None
    validate_: bool | None = Field(None, validation_alias="validate")
    logs: Raw = None
    scripting: Raw = None


class LocalEndpoint(Block):
    """Whether the control adapter shows what is measured."""

    enabled: bool | None = None


class LocalTraces(Block):
    """Whether the control adapter shows traces, and how many it keeps."""

    enabled: bool | None = None
    buffer_size: Size = Field(None, validation_alias="buffer-size")


class Measurements(Block):
    """What is counted and timed."""

    local: LocalEndpoint | None = None


class Traces(Block):
    """What is traced."""

    sampling: Raw = None
    propagation: Raw = None
    local: LocalTraces | None = None


class Observability(Block):
    """What is measured and traced, and where it is shown."""

    enabled: bool | None = None
    metrics: Measurements | None = None
    traces: Traces | None = None
    exporters: Raw = None


class ControlAdapter(Block):
    """A management server."""

    type: Word = "control"
    namespace: Text = None
    address: Text = None
    port: Port
    description: Text = None
    authentication: Authentication | None = None
    management: Management | None = None
    observability: Observability | None = None
    tags: Raw = None
