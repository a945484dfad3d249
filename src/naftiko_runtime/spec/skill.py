"""Skill adapters."""

from __future__ import annotations

from pydantic import Field

from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.block import Block, Free, Named, Port, Raw, Text, Word


class SkillToolSource(Block):
    """The operation or tool of a sibling adapter that a skill's tool stands for."""

    source_namespace: Text = Field(None, validation_alias="sourceNamespace")
    action: Text = None


class SkillTool(Block):
    """A tool of a skill: derived from a sibling adapter, or an instruction to read."""

    name: Text = None
    description: Text = None
    from_: SkillToolSource | None = Field(None, validation_alias="from")
    instruction: Text = None


class Skill(Block):
    """A skill: a folder of instructions and the tools they use."""

    name: Text = None
    description: Text = None
    license: Text = None
    compatibility: Text = None
    metadata: Free = None
    allowed_tools: Raw = Field(None, validation_alias="allowed-tools")
    argument_hint: Text = Field(None, validation_alias="argument-hint")
    user_invocable: bool | None = Field(None, validation_alias="user-invocable")
    disable_model_invocation: bool | None = Field(None, validation_alias="disable-model-invocation")
    location: Text = None
    tools: Named[SkillTool] = ()


class SkillAdapter(Block):
    """A server of skills."""

    type: Word = "skill"
    namespace: Text = None
    address: Text = None
    port: Port
    description: Text = None
    authentication: Authentication | None = None
    skills: Named[Skill] = ()
    tags: Raw = None
