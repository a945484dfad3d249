"""Values as the texts of URLs and headers (behaviour, section 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from naftiko_runtime.values import Json


def as_text(value: Json) -> str:
    """Return a scalar as text: booleans and numbers as JSON writes them."""
    return value if isinstance(value, str) else json.dumps(value)


def query_pairs(name: str, value: Json) -> Iterator[tuple[str, str]]:
    """Yield the query pairs of a parameter: arrays repeat it, objects are deep objects."""
    if isinstance(value, list) and name.startswith("$"):
        if value:
            yield name, ",".join(map(as_text, value))
    elif isinstance(value, list):
        yield from ((name, as_text(one)) for one in value)
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from query_pairs(f"{name}[{key}]", member)
    else:
        yield name, as_text(value)
