"""From a decoded body to the inputs that it feeds."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from naftiko_runtime.errors import InputProblem, InvalidInput, UnsupportedContent
from naftiko_runtime.expose.rest.content import (
    Content,
    FormContent,
    JsonContent,
)
from naftiko_runtime.expose.rest.multipart import FormPair
from naftiko_runtime.plan.checking import compile_query
from naftiko_runtime.plan.folding import fold
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.values import Absent, Json, JsonText

_BASE64_FORMATS: Final = ("byte", "base64", "binary")


@dataclass(slots=True)
class Gathered:
    """What a request brings: texts and JSON values by the names of inputs.

    Attributes:
        texts: The values that arrive as text, one or more for a name.
        values: The values that arrive as JSON, or are put together from several texts.
        written: How the values are written that go upstream as they are.
    """

    texts: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Json] = field(default_factory=dict)
    written: dict[str, JsonText] = field(default_factory=dict)

    def add(self, one: Input, value: Json) -> None:
        """Add a value of an input, as text if it is one."""
        if isinstance(value, str):
            self.texts.setdefault(one.name, []).append(value)
        else:
            self.values[one.name] = value


class BodyArguments:
    """Finds the values of body inputs in bodies.

    Args:
        inputs: The body inputs of an operation: some take the whole body, some what a path picks
            from it, the others the field of their name.
        most: How many fields a form may have.
    """

    def __init__(self, inputs: Sequence[Input], most: int) -> None:
        self._whole = [one for one in inputs if one.whole_body]
        self._picked = [
            (one, one.body_path)
            for one in inputs
            if one.body_path is not None and not one.whole_body
        ]
        fields = [one for one in inputs if one.body_path is None and not one.whole_body]
        self._fields = {one.name: one for one in fields}
        self._folded = _unambiguous(fields)
        self._in_parts = compile_query(fields, Place.BODY, most)

    def take(self, content: Content, gathered: Gathered) -> None:
        """Add what a body brings to what the rest of the request does.

        Raises:
            InvalidInput: The body has no fields, and inputs need them.
            UnsupportedContent: The body is text, and inputs need fields.
        """
        if isinstance(content, JsonContent):
            self._take_json(content, gathered)
        elif isinstance(content, FormContent):
            self._take_form(content.pairs, gathered)
        else:
            self._take_text(content.text, gathered)

    def _take_json(self, content: JsonContent, gathered: Gathered) -> None:
        value = content.value
        for one in self._whole:
            is_other = one.type == "string" and not isinstance(value, str)
            gathered.values[one.name] = content.text.decode("utf-8-sig") if is_other else value
            if one.verbatim:
                gathered.written[one.name] = JsonText(content.text.decode("utf-8-sig"))
        self._pick(value, gathered)
        if isinstance(value, dict):
            gathered.values.update(self._members(value))
        elif self._fields and not self._whole and value is not None:
            detail = f"the body has to be a JSON object with {_listed(self._fields)}"
            raise InvalidInput((InputProblem("", detail),))

    def _members(self, value: dict[str, Json]) -> dict[str, Json]:
        exact: dict[str, Json] = {}
        loose: dict[str, Json] = {}
        for name, member in value.items():
            if name in self._fields:
                exact[name] = member
            elif (one := self._folded.get(fold(name))) is not None:
                loose.setdefault(one.name, member)
        return loose | exact

    def _take_form(self, pairs: tuple[FormPair, ...], gathered: Gathered) -> None:
        if self._whole or self._picked:
            fields = _object(pairs)
            for one in self._whole:
                gathered.values[one.name] = fields
            self._pick(fields, gathered)
        others: list[tuple[str, str]] = []
        for pair in pairs:
            found = self._fields.get(pair.name) or self._folded.get(fold(pair.name))
            if found is not None:
                gathered.add(found, _value_for(found, pair))
            elif "[" in pair.name and isinstance(pair.value, str):
                others.append((pair.name, pair.value))
        if others:
            self._take_in_parts(others, gathered)

    def _take_in_parts(self, pairs: list[tuple[str, str]], gathered: Gathered) -> None:
        texts, values = self._in_parts(urlencode(pairs).encode())
        for name, several in texts.items():
            gathered.texts.setdefault(name, []).extend(several)
        gathered.values.update(values)

    def _take_text(self, text: str, gathered: Gathered) -> None:
        if not self._whole:
            wanted = _listed([*self._fields, *(one.name for one, _ in self._picked)])
            raise UnsupportedContent(f"the body has to be JSON or a form, with {wanted}")
        for one in self._whole:
            gathered.values[one.name] = text

    def _pick(self, value: Json, gathered: Gathered) -> None:
        for one, path in self._picked:
            found = path.find(value)
            if not isinstance(found, Absent):
                gathered.values[one.name] = found


def _unambiguous(inputs: Sequence[Input]) -> dict[str, Input]:
    """Return inputs by folded name, but for those that share it."""
    folded = [fold(one.name) for one in inputs]
    named = zip(folded, inputs, strict=True)
    return {name: one for name, one in named if folded.count(name) == 1}


def _object(pairs: tuple[FormPair, ...]) -> dict[str, Json]:
    """Return a form as an object: a field that comes more than once is a list."""
    grouped: dict[str, list[Json]] = {}
    for pair in pairs:
        grouped.setdefault(pair.name, []).append(pair.value)
    return {name: values[0] if len(values) == 1 else values for name, values in grouped.items()}


def _value_for(one: Input, pair: FormPair) -> Json:
    if pair.content is not None and one.schema.get("format") in _BASE64_FORMATS:
        return base64.b64encode(pair.content).decode()
    return pair.value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
