"""What an exposed unit does: a call, steps, a reference, and the mappings behind them."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from naftiko_runtime.spec.block import Block, Free, Listed, Named, Raw, Text, Word
from naftiko_runtime.spec.parameters import InputParameter, OutputParameter


class Step(Block):
    """One step of an orchestration; which keys matter depends on the type."""

    name: Text = None
    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    description: Text = None
    type: Word = None
    call: Text = None
    with_: Free = Field(None, validation_alias="with")
    continue_on_error: bool = Field(False, validation_alias="continueOnError")
    index: Text = None
    match: Text = None
    lookup_value: Raw = Field(None, validation_alias="lookupValue")
    output_parameters: Raw = Field(None, validation_alias="outputParameters")
    language: Word = None
    location: Text = None
    file: Text = None
    dependencies: Listed[Text] = ()
    tags: Raw = None


class StepMapping(Block):
    """One member of an orchestrated answer."""

    target: Text = Field(None, validation_alias=AliasChoices("targetName", "target"))
    value: Raw = None


class Action(Block):
    """The part that tools, operations, resources, prompts and functions have in common."""

    name: Text = None
    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    description: Text = None
    ref: Text = None
    call: Text = None
    with_: Free = Field(None, validation_alias="with")
    steps: Named[Step] = ()
    mappings: Listed[StepMapping] = ()
    input_parameters: Named[InputParameter] = Field((), validation_alias="inputParameters")
    output_parameters: Named[OutputParameter] = Field((), validation_alias="outputParameters")
    tags: Raw = None
