"""Aggregates: functions that several exposed units share."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from naftiko_runtime.spec.actions import Action
from naftiko_runtime.spec.block import Block, Named, Raw, Text


class Semantics(Block):
    """What calling a function does, from which hints are derived."""

    safe: bool | None = None
    idempotent: bool | None = None
    cacheable: bool | None = None


class Function(Action):
    """A function that tools and operations refer to with `ref: namespace.name`."""

    semantics: Semantics | None = None
    output_media_type: Text = Field(None, validation_alias="outputMediaType")


class Aggregate(Block):
    """A namespace of functions."""

    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    description: Text = None
    namespace: Text = None
    functions: Named[Function] = Field((), validation_alias=AliasChoices("functions", "flows"))
    tags: Raw = None
