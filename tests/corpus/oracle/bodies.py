"""Bodies of consumed operations: what callers contribute, and what goes upstream (section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from naftiko_runtime.values import ABSENT, Json, Value
from tests.corpus.oracle.documents import UnknownConstruct


def template_of(body: Any) -> Value:
    """Return the template of an operation's body, absent where it has none."""
    if body is None or body == {"type": "json"}:
        return ABSENT
    if isinstance(body, dict) and set(body) == {"type", "data"} and body["type"] == "json":
        template: Json = body["data"]
        return template
    raise UnknownConstruct(f"the body {body}")


def texts_of(template: Value) -> Iterator[str]:
    """Yield the strings of a body template, in order."""
    if isinstance(template, str):
        yield template
    elif isinstance(template, dict):
        for member in template.values():
            yield from texts_of(member)
    elif isinstance(template, list):
        for member in template:
            yield from texts_of(member)


def filled(template: Json, value_of: Callable[[str], Value]) -> Value:
    """Return a body template with its strings replaced; members without a value are left out."""
    if isinstance(template, str):
        return value_of(template)
    if isinstance(template, dict):
        members = {key: filled(one, value_of) for key, one in template.items()}
        return {key: one for key, one in members.items() if one is not ABSENT}
    if isinstance(template, list):
        return [one for one in (filled(v, value_of) for v in template) if one is not ABSENT]
    return template
