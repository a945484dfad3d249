"""Arguments for calls: typed, and as unfriendly as callers can be."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from naftiko_runtime.values import Json
from tests.corpus.oracle.documents import UnknownConstruct
from tests.corpus.oracle.inputs import ExpectedInput

Arguments: TypeAlias = dict[str, Json]

_PLAIN: Final = ("alpha", "beta-2", "Gamma_3", "delta.4", "12", "true", "a~b")
_HOSTILE: Final = (
    "plain space",
    "tab\tand\nline\rend",
    "日本語 ключ é ☕ 🦄",
    "e\u0301 \u200d \u00a0",
    'double "quotes"',
    "it's",
    "a&b=c&d",
    "1+1 = 2",
    "100%",
    "%2F%20%",
    "x#frag",
    "what?",
    "up/../down",
    "/",
    "..a",
    "...",
    "semi;colon,comma",
    "back\\slash|pipe^`<>",
    "{id}",
    "{{env.HOME}}",
    "{{tools.body}}",
    "rest.id",
    "tools.Authorization",
    "$.result[0]",
    "[1,2]",
    '{"a": 1}',
    "null",
    "false",
    "007",
    "1e3",
    "@me:*!()$",
)
_IN_HEADERS: Final = (
    "plain space",
    'double "quotes"; q=0.5',
    "it's, a list",
    "a&b=c",
    "1+1 = 2",
    "100%",
    "%2F%20",
    "x#frag?/",
    "{{env.HOME}}",
    "rest.id",
    '{"a": 1}',
    'W/"etag"',
)
_IN_BODIES: Final[tuple[Json, ...]] = (
    {},
    {"text": '日本 "quoted" \\ / \n\t', "empty": "", "null": None, "off": False},
    {"list": [1, "two", 3.5, None, {"deep": [[], {}]}], "big": 9007199254740993, "minus": -0.25},
    {"{{tools.body}}": "{{env.HOME}}", "rest.id": "tools.id", "$.a": "$.b", "a b&c": "é"},
)
_OF_ANY_KIND: Final[tuple[Json, ...]] = (
    {"nested": {"naïve": ["a", 1, True, None]}},
    [{"id": "1"}, {"id": 2}],
    ["a", "b&c"],
    "words with spaces",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One call.

    Attributes:
        reason: Why it is made.
        arguments: With what.
        written: The arguments as the caller writes them, where that is not how they are meant.
    """

    reason: str
    arguments: Arguments
    written: Arguments | None = None


def cases(inputs: Sequence[ExpectedInput], seed: str) -> Iterator[Case]:
    """Yield the argument sets of a unit, the same ones in every run."""
    chance = random.Random(seed)
    yield Case("all inputs", {one.name: _plain(one, chance) for one in inputs})
    required = [one for one in inputs if one.required]
    yield Case("only what is required", {one.name: _plain(one, chance) for one in required})
    for number in ("one", "two"):
        hostile = {one.name: _hostile(one, chance) for one in inputs}
        yield Case(f"hostile values, {number}", hostile)
    some = [one for one in inputs if one.required or chance.random() < 0.5]
    yield Case("some left out", {one.name: _hostile(one, chance) for one in some})


def as_json_text(inputs: Sequence[ExpectedInput], arguments: Mapping[str, Json]) -> Arguments:
    """Return arguments as models sometimes write them: JSON text in place of typed values."""
    typed = {one.name for one in inputs if one.type not in ("string", None)}
    return {
        name: json.dumps(value) if name in typed else value for name, value in arguments.items()
    }


_Maker: TypeAlias = Callable[[random.Random], Json]


def _plain(one: ExpectedInput, chance: random.Random) -> Json:
    makers: dict[str | None, _Maker] = {
        "string": lambda c: c.choice(_PLAIN),
        "integer": lambda c: c.randrange(1, 100),
        "number": lambda c: c.randrange(1, 100) + 0.5,
        "boolean": lambda c: True,
        "array": lambda c: c.sample(_PLAIN, 2),
        "object": lambda c: {"name": c.choice(_PLAIN), "kind": "x"},
        None: lambda c: c.choice(_OF_ANY_KIND),
    }
    return _made(makers, one, chance)


def _hostile(one: ExpectedInput, chance: random.Random) -> Json:
    makers: dict[str | None, _Maker] = {
        "string": lambda c: _hostile_text(one, c),
        "integer": lambda c: c.choice((0, -7, 9007199254740993, 10**12)),
        "number": lambda c: c.choice((0, -1.25, 1234567.875, 3)),
        "boolean": lambda c: False,
        "array": lambda c: _hostile_array(one, c),
        "object": _hostile_object if one.place == "query" else lambda c: c.choice(_IN_BODIES),
        None: lambda c: c.choice(_OF_ANY_KIND),
    }
    return _made(makers, one, chance)


def _made(makers: Mapping[str | None, _Maker], one: ExpectedInput, chance: random.Random) -> Json:
    if one.type not in makers:
        raise UnknownConstruct(f"the type {one.type} of {one.name}")
    if one.type is None and one.place == "query":
        return chance.choice(_PLAIN[:4])
    return makers[one.type](chance)


def _hostile_text(one: ExpectedInput, chance: random.Random) -> str:
    if one.place in ("header", "cookie"):
        return chance.choice(_IN_HEADERS)
    feeds_path = any(target.startswith("path ") for target in one.feeds) or one.place == "path"
    return chance.choice(_HOSTILE if feeds_path else ("", *_HOSTILE))


def _hostile_array(one: ExpectedInput, chance: random.Random) -> Json:
    single: list[Json] = [chance.choice(_HOSTILE)]
    several: list[Json] = ["", *chance.sample(_HOSTILE, 3), 7, True, 2.5]
    return chance.choice((single, several) if one.required else (single, several, []))


def _hostile_object(chance: random.Random) -> Json:
    return {
        "a b&c": chance.choice(_HOSTILE),
        "ключ": chance.choice(_HOSTILE),
        "deep": {"er": chance.choice(_HOSTILE)},
        "many": chance.sample(_HOSTILE, 2),
    }
