"""Credentials: of a consumed API, or asked of the callers of an adapter."""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field

from naftiko_runtime.load.nodes import Map, Seq
from naftiko_runtime.spec import spellings
from naftiko_runtime.spec.block import Block, Free, Listed, Raw, Text, Word
from naftiko_runtime.spec.spellings import Spelled


class CallerKey(Block):
    """One of several secrets that callers may prove themselves with, and whose it is."""

    name: Text = None
    value: Raw = Field(None, validation_alias=AliasChoices("value", "token", "password"))


def _by_name(raw: object) -> object:
    """Turn a map from name to secret into the list of named secrets that it stands for."""
    if raw is None:
        return ()
    if not isinstance(raw, Map):
        return raw
    named = Seq(raw.file, raw.mark)
    for name, value in raw.items():
        mark = raw.value_marks.get(name, raw.mark)
        key = Map(raw.file, mark)
        key.update(name=name, value=value)
        key.value_marks["value"] = mark
        named.append(key)
        named.value_marks.append(mark)
    return named


class Authentication(Block):
    """How a request proves who sends it. Which keys matter depends on the type.

    `keys`, `algorithms`, `jwksUri`, `introspectionEndpoint`, `privateKey` and `keyId` extend the
    specification.
    """

    type: Word = None
    token: Raw = None
    username: Raw = None
    password: Raw = None
    key: Raw = Field(None, validation_alias=AliasChoices("key", "name"))
    value: Raw = None
    placement: Word = Field(None, validation_alias=AliasChoices("placement", "in"))
    headers: Free = None
    keys: Annotated[
        tuple[CallerKey, ...], BeforeValidator(_by_name), Spelled(spellings.by_name)
    ] = ()
    algorithms: Listed[Text] = ()
    authorization_server_uri: Raw = Field(None, validation_alias="authorizationServerUri")
    token_endpoint: Raw = Field(
        None, validation_alias=AliasChoices("tokenEndpoint", "tokenUri", "tokenUrl")
    )
    token_validation: Word = Field(None, validation_alias="tokenValidation")
    jwks_uri: Raw = Field(None, validation_alias="jwksUri")
    introspection_endpoint: Raw = Field(None, validation_alias="introspectionEndpoint")
    token_endpoint_auth_method: Word = Field(
        None, validation_alias=AliasChoices("tokenEndpointAuthMethod", "clientAuthentication")
    )
    grant_type: Word = Field(None, validation_alias="grantType")
    client_id: Raw = Field(None, validation_alias="clientId")
    client_secret: Raw = Field(None, validation_alias="clientSecret")
    private_key: Raw = Field(None, validation_alias="privateKey")
    key_id: Raw = Field(None, validation_alias=AliasChoices("keyId", "kid"))
    refresh_token: Raw = Field(None, validation_alias="refreshToken")
    resource: Raw = None
    audience: Raw = None
    scopes: Listed[Raw] = ()
    description: Text = None

    @property
    def kind(self) -> str | None:
        """The type as the specification spells it: `api-key` and `API_KEY` are `apikey`."""
        return self.type and self.type.replace("-", "").replace("_", "")
