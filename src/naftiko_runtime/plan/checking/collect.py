"""Query strings, read by the inputs that they are for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

from naftiko_runtime.errors import InputProblem, InvalidInput
from naftiko_runtime.limits import DEFAULT_LIMITS
from naftiko_runtime.plan.checking.deep import Node, joined, put
from naftiko_runtime.plan.checking.mismatch import Mismatch
from naftiko_runtime.plan.folding import fold
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.values import Json

Query: TypeAlias = tuple[dict[str, list[str]], dict[str, Json]]
"""The texts of inputs by name, and the inputs that are written in parts, with brackets."""

_BRACKETED: Final = re.compile(r"(.+?)((?:\[[^\[\]]*\]){1,16})", re.DOTALL)
_BETWEEN: Final = re.compile(r"\[([^\[\]]*)\]")
_IN_PARTS: Final = ("object", "array", None)


def compile_query(
    inputs: Sequence[Input],
    place: Place = Place.QUERY,
    most: int = DEFAULT_LIMITS.parameters,
) -> QueryReader:
    """Compile how a query string is read.

    Args:
        inputs: The inputs of a unit.
        place: Which of them to read; BODY for forms (`application/x-www-form-urlencoded`).
        most: How many pairs there may be.
    """
    return QueryReader([one for one in inputs if one.place is place], most)


class QueryReader:
    """Groups the pairs of a query string by input.

    A name is looked up as it is, then without regard to case and to `-`, `_` and `.` where that
    leaves no doubt, then as an input with brackets behind it. Other names are ignored.
    """

    def __init__(self, inputs: Sequence[Input], most: int = DEFAULT_LIMITS.parameters) -> None:
        self._most = most
        self._exact = {one.name.encode(): one for one in inputs}
        self._folded: dict[str, Input | None] = {}
        for one in inputs:
            folded = fold(one.name)
            self._folded[folded] = None if folded in self._folded else one

    def __call__(self, query: bytes) -> Query:
        """Read a query string as it was sent, without the question mark.

        Raises:
            InvalidInput: There are too many pairs, or a value is no UTF-8, or names with brackets
                contradict each other.
        """
        if not query:
            return {}, {}
        if query.count(b"&") >= self._most:
            detail = f"more than {self._most} parameters are too many"
            raise InvalidInput((InputProblem("", detail),))
        reading = _Reading()
        for pair in query.split(b"&"):
            name, _, value = pair.partition(b"=")
            one = self._exact.get(name)
            if one is not None:
                reading.add(one, (), value)
            elif found := self._find(_decoded(name)):
                reading.add(*found, value)
        return reading.result()

    def _find(self, name: bytes) -> tuple[Input, tuple[str, ...]] | None:
        text = name.decode(errors="replace")
        if (one := self._named(text)) is not None:
            return one, ()
        match = _BRACKETED.fullmatch(text)
        return self._in_parts(match[1], _BETWEEN.findall(match[2])) if match else None

    def _in_parts(self, base: str, parts: list[str]) -> tuple[Input, tuple[str, ...]] | None:
        for known in range(len(parts) - 1, -1, -1):
            one = self._named(base + "".join(f"[{part}]" for part in parts[:known]))
            if one is not None and one.type in _IN_PARTS:
                path = tuple(parts[known:])
                return one, () if one.type == "array" and path == ("",) else path
        return None

    def _named(self, name: str) -> Input | None:
        return self._exact.get(name.encode()) or self._folded.get(fold(name))


class _Reading:
    """What has been read of one query string."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._nodes: dict[str, tuple[Input, Node]] = {}
        self._problems: list[InputProblem] = []

    def add(self, one: Input, path: tuple[str, ...], raw: bytes) -> None:
        """Add the value of one pair."""
        try:
            value = _decoded(raw).decode()
            if path:
                put(self._nodes.setdefault(one.name, (one, {}))[1], path, value)
            else:
                self._texts.setdefault(one.name, []).append(value)
        except UnicodeDecodeError:
            self._report(one, Mismatch.of("has to be encoded as UTF-8"))
        except Mismatch as mismatch:
            self._report(one, mismatch)

    def result(self) -> Query:
        """Return what all pairs amount to."""
        values: dict[str, Json] = {}
        for one, node in self._nodes.values():
            try:
                values[one.name] = joined(node, keeps_names=one.type == "object")
            except Mismatch as mismatch:
                self._report(one, mismatch)
        if self._problems:
            raise InvalidInput(tuple(dict.fromkeys(self._problems)))
        return self._texts, values

    def _report(self, one: Input, mismatch: Mismatch) -> None:
        self._problems += mismatch.problems(one.name, secret=one.hidden)


def _decoded(raw: bytes) -> bytes:
    """Return what `application/x-www-form-urlencoded` stands for (WHATWG URL, section 5.1)."""
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    return unquote_to_bytes(raw) if b"%" in raw else raw
