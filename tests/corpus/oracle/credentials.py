"""The credentials that a consumed API's `authentication` adds (behaviour, section 5)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.corpus.oracle.documents import Block, UnknownConstruct, expect_keys
from tests.corpus.oracle.surroundings import Surroundings

_BEARER: Final = frozenset({"type", "token", "headers"})
_BASIC: Final = frozenset({"type", "username", "password", "headers"})
_API_KEY: Final = frozenset({"type", "key", "name", "value", "placement", "in", "headers"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What goes upstream to prove who calls; header names in lower case."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def credentials(authentication: Block | None, around: Surroundings) -> Credentials:
    """Return the credentials that an API's authentication adds to each request."""
    if authentication is None:
        return Credentials()
    extra = {
        name.lower(): around.resolved(text)
        for name, text in (authentication.get("headers") or {}).items()
    }
    own = _OF_TYPE[_type(authentication)](authentication, around)
    return Credentials({**extra, **own.headers}, own.query)


def provided_names(authentication: Block | None) -> frozenset[str]:
    """Return the headers, in lower case, and query keys that authentication provides."""
    if authentication is None:
        return frozenset()
    extra = {name.lower() for name in authentication.get("headers") or {}}
    if _type(authentication) == "apikey":
        name = _key_name(authentication)
        return frozenset(extra | ({name, name.lower()} if name else set()))
    return frozenset(extra | {"authorization"})


def _type(authentication: Block) -> str:
    kind: str = authentication["type"]
    if kind not in _OF_TYPE:
        raise UnknownConstruct(f"authentication of type {kind}")
    return kind


def _bearer(authentication: Block, around: Surroundings) -> Credentials:
    expect_keys(authentication, _BEARER, "bearer authentication")
    token = around.resolved(authentication["token"])
    return _authorization(token if token.startswith("Bearer ") else f"Bearer {token}")


def _basic(authentication: Block, around: Surroundings) -> Credentials:
    expect_keys(authentication, _BASIC, "basic authentication")
    pair = around.resolved(f"{authentication['username']}:{authentication['password']}")
    return _authorization(f"Basic {base64.b64encode(pair.encode()).decode()}")


def _api_key(authentication: Block, around: Surroundings) -> Credentials:
    expect_keys(authentication, _API_KEY, "apikey authentication")
    name = _key_name(authentication)
    if name is None:
        return Credentials()
    value = around.resolved(authentication["value"])
    placement = authentication.get("placement") or authentication.get("in") or "header"
    if placement == "query":
        return Credentials(query={name: value})
    if placement != "header":
        raise UnknownConstruct(f"an apikey in the {placement}")
    return Credentials(headers={name.lower(): value})


def _key_name(authentication: Block) -> str | None:
    return authentication.get("key") or authentication.get("name")


def _authorization(value: str) -> Credentials:
    return Credentials(headers={"authorization": value})


_OF_TYPE: Final = {"bearer": _bearer, "basic": _basic, "apikey": _api_key}
