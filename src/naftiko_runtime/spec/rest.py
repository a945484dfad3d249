"""REST adapters."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from naftiko_runtime.spec.actions import Action
from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.block import Block, Free, Listed, Named, Port, Raw, Text, Word
from naftiko_runtime.spec.parameters import InputParameter


class Forward(Block):
    """Pass requests on to a consumed API as they are."""

    target_namespace: Text = Field(None, validation_alias="targetNamespace")
    trusted_headers: Listed[Text] = Field((), validation_alias="trustedHeaders")


class RestOperation(Action):
    """One method on an exposed path."""

    method: Text = None
    responses: Free = None
    response_binary: Free = Field(None, validation_alias="responseBinary")


class RestResource(Block):
    """An exposed path and the operations on it."""

    name: Text = None
    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    description: Text = None
    path: Text = None
    input_parameters: Named[InputParameter] = Field((), validation_alias="inputParameters")
    operations: Named[RestOperation] = ()
    forward: Forward | None = None
    tags: Raw = None


class RestAdapter(Block):
    """A REST server."""

    type: Word = "rest"
    namespace: Text = None
    address: Text = None
    port: Port
    description: Text = None
    authentication: Authentication | None = None
    max_binary_size: Raw = Field(None, validation_alias="maxBinarySize")
    input_parameters: Named[InputParameter] = Field((), validation_alias="inputParameters")
    resources: Named[RestResource] = ()
    tags: Raw = None
