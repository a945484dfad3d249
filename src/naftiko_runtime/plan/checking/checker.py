"""All inputs of a unit, checked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from naftiko_runtime.diagnostics import did_you_mean
from naftiko_runtime.errors import InputProblem, InvalidInput
from naftiko_runtime.plan.checking.checked_input import CheckedInput, compile_input
from naftiko_runtime.plan.checking.mismatch import MOST_PROBLEMS, Mismatch, cut
from naftiko_runtime.plan.checking.names import argument_names
from naftiko_runtime.plan.checking.types import Check
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.plan.paths import pointer_part
from naftiko_runtime.values import Absent, Json, record


@record
class Checker:
    """The compiled checks of a unit's inputs. Defaults are shared by all calls: don't change them.

    Attributes:
        inputs: All inputs by name.
        arguments: What MCP clients may send, by published and by real name; no hidden inputs.
        required: The inputs that a call has to bring.
        defaults: What is there when the caller says nothing.
    """

    inputs: Mapping[str, CheckedInput]
    arguments: Mapping[str, CheckedInput]
    required: tuple[CheckedInput, ...]
    defaults: dict[str, Json]

    def check_json(self, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Check the arguments of an MCP call.

        Null for an input that is not required means that it is left out.

        Args:
            arguments: Values by the published or the real names of inputs.

        Returns:
            What was given, converted, and defaults, by the real names of inputs.

        Raises:
            InvalidInput: Something does not fit; all problems at once.
        """
        values = self.defaults.copy()
        problems: list[InputProblem] = []
        for name, value in arguments.items():
            one = self.arguments.get(name)
            if one is None:
                problems.append(self._unknown(name))
                if len(problems) > MOST_PROBLEMS:
                    break
            elif value is not None or one.is_required:
                try:
                    values[one.name] = one.check(value)
                except Mismatch as mismatch:
                    values[one.name] = None
                    problems += mismatch.problems(one.published)
        problems += [
            _missing(one.published, "is required")
            for one in self.required
            if one.name not in values
        ]
        return _sound(values, problems)

    def check_request(
        self, text: Mapping[str, Sequence[str]], json: Mapping[str, Json]
    ) -> dict[str, Json]:
        """Check what an HTTP request brings; names that are no inputs are ignored.

        Null in a JSON body is a value that upstream may know how to take, and is let through
        where the input is not required.

        Args:
            text: The values of inputs that arrive as text, by the inputs' names; no values are
                the same as no name.
            json: The inputs that arrive as JSON, and those put together from a query.

        Returns:
            What was given, converted, and defaults.

        Raises:
            InvalidInput: Something does not fit; all problems at once.
        """
        values = self.defaults.copy()
        problems: list[InputProblem] = []
        self._take_text(text, values, problems)
        self._take_json(json, text, values, problems)
        problems += [
            _missing(one.name, f"is required in the {one.place}")
            for one in self.required
            if one.name not in values
        ]
        return _sound(values, problems)

    def _take_text(
        self,
        text: Mapping[str, Sequence[str]],
        values: dict[str, Json],
        problems: list[InputProblem],
    ) -> None:
        for name, texts in text.items():
            one = self.inputs.get(name)
            if one is not None and texts:
                try:
                    values[name] = one.check_text(texts)
                except Mismatch as mismatch:
                    values[name] = None
                    problems += mismatch.problems(name, secret=one.is_secret)

    def _take_json(
        self,
        json: Mapping[str, Json],
        text: Mapping[str, Sequence[str]],
        values: dict[str, Json],
        problems: list[InputProblem],
    ) -> None:
        for name, value in json.items():
            one = self.inputs.get(name)
            if one is not None:
                try:
                    values[name] = _from_json(one, value, bool(text.get(name)))
                except Mismatch as mismatch:
                    values[name] = None
                    problems += mismatch.problems(name, secret=one.is_secret)

    def _unknown(self, name: str) -> InputProblem:
        shown = cut(name)
        hint = did_you_mean(shown, dict.fromkeys(one.published for one in self.arguments.values()))
        detail = f"there is no input '{shown}'"
        return InputProblem(f"/{pointer_part(shown)}", f"{detail}; {hint}" if hint else detail)


def _from_json(one: CheckedInput, value: Json, is_text_too: bool) -> Json:
    if is_text_too:
        raise Mismatch.of("is given in two ways")
    if one.place is not Place.BODY:
        return one.check_parts(value)
    return one.check(value) if value is not None or one.is_required else None


def _missing(name: str, detail: str) -> InputProblem:
    return InputProblem(f"/{pointer_part(name)}", f"'{name}' {detail}")


def _sound(values: dict[str, Json], problems: list[InputProblem]) -> dict[str, Json]:
    if problems:
        raise InvalidInput(tuple(problems[:MOST_PROBLEMS]))
    return values


def compile_checker(inputs: Sequence[Input]) -> Checker:
    """Compile the checks of a unit's inputs."""
    published = {real: public for public, real in argument_names(_names(inputs)).items()}
    checked = {one.name: compile_input(one, published.get(one.name, one.name)) for one in inputs}
    visible = [checked[name] for name in published]
    return Checker(
        checked,
        {one.name: one for one in visible} | {one.published: one for one in visible},
        tuple(one for one in checked.values() if one.is_required),
        {
            one.name: _default(checked[one.name].check_parts, one.default)
            for one in inputs
            if not isinstance(one.default, Absent)
        },
    )


def _names(inputs: Sequence[Input]) -> list[str]:
    return [one.name for one in inputs if not one.hidden]


def _default(check: Check, default: Json) -> Json:
    """Return a default as its type has it; as the document has it, if it does not fit."""
    try:
        return check(default)
    except Mismatch:
        return default
