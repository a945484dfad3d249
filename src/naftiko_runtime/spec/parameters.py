"""Input and output parameters."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field

from naftiko_runtime.load.nodes import Map, Node, Seq
from naftiko_runtime.spec import spellings
from naftiko_runtime.spec.block import Block, Listed, Named, Raw, Text, Word
from naftiko_runtime.spec.spellings import Spelled


class InputParameter(Block):
    """A parameter of a consumed operation, or an input of an exposed unit."""

    name: Text = None
    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    in_: Word = Field(None, validation_alias="in")
    type: Word = None
    description: Text = None
    required: Raw = None
    value: Raw = None
    template: Raw = None
    default: Raw = None
    pattern: Text = None
    format: Text = None
    enum: Listed[Raw] = ()
    items: Raw = None
    properties: Raw = None
    style: Text = None
    explode: bool | None = None
    example: Raw = None
    tags: Raw = None

    @property
    def is_required(self) -> bool | None:
        """What the document says about being required; None if it says nothing.

        A list is JSON Schema's `required` of an object and says nothing about the parameter.
        """
        if isinstance(self.required, str):
            return self.required.lower() == "true"
        return self.required if isinstance(self.required, bool) else None


def _first_item(raw: object) -> object:
    return (raw[0] if raw else None) if isinstance(raw, Seq) else raw


class OutputParameter(Block):
    """An output: a shape, and where its value comes from."""

    name: Text = None
    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    type: Word = None
    description: Text = None
    mapping: Raw = None
    value: Raw = None
    const: Raw = None
    max_length: Raw = Field(None, validation_alias="maxLength")
    properties: Named[OutputParameter] = ()
    items: Annotated[
        OutputParameter | None, BeforeValidator(_first_item), Spelled(spellings.first_item)
    ] = None
    values: OutputParameter | None = None
    required: Raw = None
    nullable: Raw = None
    format: Text = None
    enum: Listed[Raw] = ()
    example: Raw = None
    tags: Raw = None

    @property
    def nested_mapping(self) -> Map | None:
        """The nested form of `mapping`: `{properties: ...}` or `{items: ...}`."""
        return self.mapping if isinstance(self.mapping, Map) else None

    @property
    def fixed(self) -> Node:
        """The fixed value, whichever way it is spelled."""
        return self.value if self.has("value") else self.const
