"""The OpenAPI descriptions of the tutorial's two APIs, and the answers that they give as examples.

An operation's examples bear names. `x-microcks-operation` says which of them answers a request: the
one whose name the request's parameters make, `?status=active` or `/imo_number=IMO-9321483`. Where
no example bears that name, the operation's fall-back answers, or else the example of an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import yaml

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_VARIABLE: Final = re.compile(r"\{([^{}]+)\}")
_OF_REQUEST_BODY: Final = re.compile(r"\{\{ request\.body/(\w+) \}\}")


@dataclass(frozen=True, slots=True)
class Example:
    """One answer of an API.

    Attributes:
        status: The HTTP status that it is an example of.
        media_type: Its content type.
        value: JSON, or the text itself.
    """

    status: int
    media_type: str
    value: Any

    def body(self, request_body: bytes) -> bytes:
        """Return its bytes; members that say so are those of the request's JSON body."""
        if isinstance(self.value, str):
            return self.value.encode()
        value = self.value
        if isinstance(value, dict):
            value = {name: _filled(one, request_body) for name, one in value.items()}
        return json.dumps(value).encode()


@dataclass(frozen=True, slots=True)
class DescribedOperation:
    """One operation with its examples by name."""

    method: str
    path: re.Pattern[str]
    dispatched_by: str
    parameters: tuple[str, ...]
    fallback: str | None
    examples: Mapping[str, Example]

    def example(self, path: str, query: str) -> Example | None:
        """Return what answers a request for a path below the base URI; None if this is not it."""
        found = self.path.fullmatch(path)
        if found is None:
            return None
        named = self.examples.get(self._name(found, query)) or self.examples.get(
            self.fallback or ""
        )
        return named or next(one for one in self.examples.values() if one.status >= 400)

    def _name(self, found: re.Match[str], query: str) -> str:
        if self.dispatched_by == "URI_PARTS":
            return "".join(f"/{one}={unquote(found[one])}" for one in self.parameters)
        sent = parse_qsl(query, keep_blank_values=True)
        pairs = [f"{name}={value}" for name, value in sent if name in self.parameters]
        return "?" + "&".join(pairs)


def read_description(file: Path) -> tuple[DescribedOperation, ...]:
    """Read the operations of an OpenAPI description."""
    document = yaml.safe_load(file.read_bytes())
    return tuple(
        _operation(method, path, item[method])
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    )


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> DescribedOperation:
    examples = dict(_examples(operation["responses"]))
    rules = operation.get("x-microcks-operation", {})
    fallback = None if rules else next(iter(examples))
    if rules.get("dispatcher") == "FALLBACK":
        rules = json.loads(rules["dispatcherRules"])
        fallback = rules["fallback"]
    return DescribedOperation(
        method.upper(),
        re.compile(_VARIABLE.sub(r"(?P<\1>[^/]+)", path)),
        rules.get("dispatcher", ""),
        tuple(rules.get("dispatcherRules", "").split("&&")),
        fallback,
        examples,
    )


def _filled(member: Any, request_body: bytes) -> Any:
    found = _OF_REQUEST_BODY.fullmatch(member) if isinstance(member, str) else None
    return json.loads(request_body).get(found[1]) if found is not None else member


def _examples(responses: Mapping[str, Any]) -> Iterator[tuple[str, Example]]:
    for status, response in responses.items():
        for media_type, content in response["content"].items():
            for name, example in content["examples"].items():
                yield name, Example(int(status), media_type, example["value"])
