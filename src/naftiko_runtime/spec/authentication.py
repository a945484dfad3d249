"""Credentials: of a consumed API, or asked of the callers of an adapter."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from naftiko_runtime.spec.block import Block, Free, Listed, Raw, Text, Word


class Authentication(Block):
    """How a request proves who sends it. Which keys matter depends on the type."""

    type: Word = None
    token: Raw = None
    username: Raw = None
    password: Raw = None
    key: Raw = Field(None, validation_alias=AliasChoices("key", "name"))
    value: Raw = None
    placement: Word = Field(None, validation_alias=AliasChoices("placement", "in"))
    headers: Free = None
    authorization_server_uri: Raw = Field(None, validation_alias="authorizationServerUri")
    token_endpoint: Raw = Field(
        None, validation_alias=AliasChoices("tokenEndpoint", "tokenUri", "tokenUrl")
    )
    token_validation: Word = Field(None, validation_alias="tokenValidation")
    token_endpoint_auth_method: Word = Field(
        None, validation_alias=AliasChoices("tokenEndpointAuthMethod", "clientAuthentication")
    )
    grant_type: Word = Field(None, validation_alias="grantType")
    client_id: Raw = Field(None, validation_alias="clientId")
    client_secret: Raw = Field(None, validation_alias="clientSecret")
    private_key: Raw = Field(None, validation_alias="privateKey")
    refresh_token: Raw = Field(None, validation_alias="refreshToken")
    resource: Raw = None
    audience: Raw = None
    scopes: Listed[Raw] = ()
    description: Text = None

    @property
    def kind(self) -> str | None:
        """The type as the specification spells it: `api-key` and `API_KEY` are `apikey`."""
        return self.type and self.type.replace("-", "").replace("_", "")
