"""MCP adapters: tools, resources and prompts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field

from naftiko_runtime.spec.actions import Action
from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.block import Block, Listed, Named, Port, Raw, Text, Word, whole_number
from naftiko_runtime.spec.parameters import InputParameter


class ToolHints(Block):
    """Hints to a model about what calling a tool does."""

    read_only: bool | None = Field(None, validation_alias="readOnly")
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = Field(None, validation_alias="openWorld")


class McpTool(Action):
    """A tool that a model may call."""

    hints: ToolHints | None = None


class McpResource(Action):
    """A resource that a client may read: dynamic (call, steps) or a static folder."""

    uri: Text = None
    mime_type: Text = Field(None, validation_alias="mimeType")
    binary: bool | None = None
    location: Text = None


class PromptArgument(InputParameter):
    """An argument of a prompt: an input whose value always arrives as text."""


class PromptMessage(Action):
    """A message of a prompt: a template, or the answer of a call."""

    role: Word = "user"
    content: Raw = None


class McpPrompt(Block):
    """A prompt that a user may pick."""

    name: Text = None
    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    description: Text = None
    arguments: Named[PromptArgument] = ()
    template: Listed[PromptMessage] = ()
    location: Text = None
    tags: Raw = None


class McpAdapter(Block):
    """An MCP server."""

    type: Word = "mcp"
    transport: Word = "http"
    namespace: Text = None
    address: Text = None
    port: Port
    description: Text = None
    authentication: Authentication | None = None
    max_binary_size: Raw = Field(None, validation_alias="maxBinarySize")
    ttl_ms: Annotated[int, BeforeValidator(whole_number)] = Field(0, validation_alias="ttlMs", ge=0)
    cache_scope: Word = Field(None, validation_alias="cacheScope")
    tools: Named[McpTool] = ()
    resources: Named[McpResource] = ()
    prompts: Named[McpPrompt] = ()
    tags: Raw = None
