"""Consumed APIs: what is called, and how."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.load.nodes import Map, Seq
from naftiko_runtime.spec import spellings
from naftiko_runtime.spec.authentication import Authentication
from naftiko_runtime.spec.block import Block, Free, Named, Raw, Text, Word
from naftiko_runtime.spec.parameters import InputParameter, OutputParameter
from naftiko_runtime.spec.resilience import Resilience
from naftiko_runtime.spec.spellings import Spelled
from naftiko_runtime.spec.tls import Tls


class RequestBody(Block):
    """The body of a consumed operation.

    A bare string is read as `{type: raw, data: <the string>}`, any other value without a `type`
    as JSON data.
    """

    type: Word = "json"
    data: Raw = None
    content_type: Text = Field(None, validation_alias="contentType")


def _body(raw: object) -> object:
    if raw is None or (isinstance(raw, Map) and "type" in raw):
        return raw
    if isinstance(raw, (Map, Seq)):
        return _as_data(raw, "json")
    return {"type": "raw", "data": raw}


def _as_data(raw: Map | Seq, kind: str) -> Map:
    body = Map(raw.file, raw.mark)
    body["type"] = kind
    body["data"] = raw
    body.value_marks["data"] = raw.mark
    return body


class ConsumedOperation(Block):
    """One operation of a consumed API, addressed `namespace.name`."""

    name: Text = None
    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    description: Text = None
    method: Text = None
    path: Text = None
    authentication: Authentication | None = None
    input_parameters: Named[InputParameter] = Field((), validation_alias="inputParameters")
    output_raw_format: Word = Field(None, validation_alias="outputRawFormat")
    output_media_type: Text = Field(None, validation_alias="outputMediaType")
    output_schema: Text = Field(None, validation_alias="outputSchema")
    max_binary_size: Raw = Field(None, validation_alias="maxBinarySize")
    output_parameters: Named[OutputParameter] = Field((), validation_alias="outputParameters")
    body: Annotated[RequestBody | None, BeforeValidator(_body), Spelled(spellings.typed)] = None
    x_resilience: Resilience | None = Field(None, validation_alias="x-resilience")
    tags: Raw = None

    @property
    def body_position(self) -> Position:
        """Where the data of the body stands, be it below `body` or the body itself."""
        if self.body is not None and self.body.has("data"):
            return self.body.at("data")
        return self.at("body")


class ConsumedResource(Block):
    """A path of a consumed API and the operations on it."""

    name: Text = None
    label: Text = Field(None, validation_alias=AliasChoices("label", "display"))
    description: Text = None
    path: Text = None
    authentication: Authentication | None = None
    input_parameters: Named[InputParameter] = Field((), validation_alias="inputParameters")
    operations: Named[ConsumedOperation] = ()
    x_resilience: Resilience | None = Field(None, validation_alias="x-resilience")
    tags: Raw = None


class ConsumedApi(Block):
    """An HTTP API that the capability calls."""

    type: Word = "http"
    namespace: Text = None
    base_uri: Text = Field(None, validation_alias="baseUri")
    description: Text = None
    authentication: Authentication | None = None
    input_parameters: Named[InputParameter] = Field((), validation_alias="inputParameters")
    resources: Named[ConsumedResource] = ()
    tunnel: Free = None
    x_resilience: Resilience | None = Field(None, validation_alias="x-resilience")
    tls: Tls | None = Field(None, validation_alias="x-tls")
    tags: Raw = None
