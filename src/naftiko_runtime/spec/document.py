"""The document as a whole."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import AliasChoices, Discriminator, Field, Tag

from naftiko_runtime.load.nodes import Map
from naftiko_runtime.spec.aggregates import Aggregate
from naftiko_runtime.spec.block import Block, Raw, Section, Text
from naftiko_runtime.spec.consumes import ConsumedApi
from naftiko_runtime.spec.control import ControlAdapter
from naftiko_runtime.spec.mcp import McpAdapter
from naftiko_runtime.spec.rest import RestAdapter
from naftiko_runtime.spec.skill import SkillAdapter

IMPLIED_TYPES: Final = (
    ("tools", "mcp"),
    ("prompts", "mcp"),
    ("skills", "skill"),
    ("resources", "rest"),
)
"""What an adapter is that does not say its type, by the first of these keys that it has."""


class Info(Block):
    """What the capability is about. Whatever authors add here is theirs."""

    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    description: Text = None
    version: Text = None
    tags: Raw = None
    created: Raw = None
    modified: Raw = None
    stakeholders: Raw = None
    personas: Raw = None


def _adapter_type(raw: object) -> str | None:
    """Return the adapter's type; without one, what its contents say."""
    if not isinstance(raw, Map):
        return None
    if isinstance(kind := raw.get("type"), str):
        return kind.strip().lower()
    return next((implied for key, implied in IMPLIED_TYPES if key in raw), None)


Adapter: TypeAlias = Annotated[
    Annotated[RestAdapter, Tag("rest")]
    | Annotated[McpAdapter, Tag("mcp")]
    | Annotated[SkillAdapter, Tag("skill")]
    | Annotated[ControlAdapter, Tag("control")],
    Discriminator(_adapter_type),
]
"""Any server that a capability exposes."""


class CapabilityBlock(Block):
    """What is consumed and what is exposed."""

    consumes: Section[ConsumedApi] = ()
    exposes: Section[Adapter] = ()
    aggregates: Section[Aggregate] = ()
    binds: Raw = None


class Document(Block):
    """One YAML document: a capability, or a section file that others import from."""

    version: Text = Field(None, validation_alias=AliasChoices("naftiko", "ikanos"))
    info: Info | None = None
    binds: Raw = None
    capability: CapabilityBlock | None = None
    consumes: Raw = None
    exposes: Raw = None
    aggregates: Raw = None


Document.model_rebuild()  # with every block in it, once; each has put that off until now
