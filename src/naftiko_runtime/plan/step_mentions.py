"""What steps say of one another, before they are read: steps unknown, not yet run, or of no use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics, Position, did_you_mean
from naftiko_runtime.load.nodes import Map, Node, Seq
from naftiko_runtime.plan.consumed import Catalogue
from naftiko_runtime.plan.references import PLACEHOLDER
from naftiko_runtime.plan.resolution import operations_named
from naftiko_runtime.spec.actions import Action, Step
from naftiko_runtime.spec.parameters import OutputParameter
from naftiko_runtime.values import record

_ONLY_READ: Final = ("GET", "HEAD")
_PATH_STARTS: Final = ("$.", "$[")


@record
class _Mention:
    """A text that may refer to a step.

    Attributes:
        text: As it was written, without the braces of a placeholder.
        at: Where.
        is_template: Whether it stood in braces.
    """

    text: str
    at: Position
    is_template: bool

    @property
    def shown(self) -> str:
        """The text, as the document has it."""
        return f"{{{{{self.text}}}}}" if self.is_template else self.text

    @property
    def path(self) -> str:
        """The text without the sign for the root."""
        is_path = self.text.startswith(_PATH_STARTS)
        return self.text[1:].removeprefix(".") if is_path else self.text

    @property
    def is_over_all(self) -> bool:
        """Whether the text is a path whose start is not the name of any one thing."""
        return self.text[:1] == "$" and self.path[:1] in ("$", "*", "[", ".", "")

    def step(self, steps: Sequence[str]) -> str | None:
        """Return the step that the text starts with; the longest of several that fit."""
        return next((one for one in _longest_first(steps) if self._tail(one) is not None), None)

    def needs(self, step: str) -> bool:
        """Return whether the text can mean nothing but an output: a path, or a part of a step."""
        return self.text.startswith(_PATH_STARTS) or bool(self._tail(step))

    def _tail(self, step: str) -> str | None:
        for head in (step, f"['{step}']", f'["{step}"]'):
            tail = self.path.removeprefix(head)
            if self.path.startswith(head) and tail[:1] in ("", ".", "["):
                return tail
        return None


def _longest_first(steps: Sequence[str]) -> list[str]:
    return sorted(steps, key=len, reverse=True)


class StepMentions:
    """Checks the steps of one unit.

    Args:
        unit: The unit, `namespace.name`.
        action: What the document says of it.
        diagnostics: Takes what is wrong.
    """

    def __init__(self, unit: str, action: Action, diagnostics: Diagnostics) -> None:
        self._unit = unit
        self._action = action
        self._diagnostics = diagnostics
        self._names = [name_of(step, number) for number, step in enumerate(action.steps, 1)]

    def check_order(self) -> bool:
        """Report references to steps that run later, or to none; return whether the steps can run.

        All of them are reported at once.
        """
        sound = [self._check_order(number) for number in range(len(self._names))]
        return all(sound)

    def _check_order(self, number: int) -> bool:
        step = self._action.steps[number]
        before = self._names[:number]
        is_sound = True
        for mention in _mentions_of_step(step):
            if mention.step(before) is not None:
                continue
            later = mention.step(self._names[number:])
            if later is not None and mention.needs(later):
                self._report_later(mention, later)
                is_sound = False
            elif later is None and mention.text.startswith(_PATH_STARTS):
                self._report_unknown(mention, before)
        return is_sound

    def _report_later(self, mention: _Mention, step: str) -> None:
        self._diagnostics.error(
            "step-later",
            f"'{mention.shown}' refers to the step '{step}', which has not run by then",
            mention.at,
            hint=f"move '{step}' to before this step",
            unit=self._unit,
        )

    def _report_unknown(self, mention: _Mention, before: Sequence[str]) -> None:
        known = ", ".join(before)
        offer = f"the steps before are: {known}" if known else "no step runs before this one"
        self._diagnostics.warning(
            "reference-unknown",
            f"'{mention.shown}' names no step that runs before; it is taken as plain text",
            mention.at,
            hint=did_you_mean(mention.path.split(".")[0], before) or offer,
        )

    def report_unused(self, catalogue: Catalogue) -> None:
        """Report steps that only read, and whose output nothing takes."""
        used = self._used()
        for step, name in zip(self._action.steps, self._names, strict=True):
            if name not in used and _only_reads(step, catalogue):
                self._diagnostics.warning(
                    "step-unused",
                    f"nothing takes the output of the step '{name}'",
                    step.at("name"),
                    hint=f"refer to it with {{{{{name}}}}} or $.{name}, or remove the step",
                )

    def _used(self) -> set[str]:
        """Return the steps whose output something takes: another step, or the answer."""
        action = self._action
        if any(step.type == "script" or step.file for step in action.steps):
            return {*self._names}  # a script sees them all
        mentions = [mention for step in action.steps for mention in _mentions_of_step(step)]
        mentions += _mentions(action.with_, action.position)
        mentions += [_Mention(s.index, s.at("index"), False) for s in action.steps if s.index]
        mentions += [m for one in action.output_parameters for m in _mentions_of_output(one)]
        for mapping in action.mappings:
            mentions += _mentions(mapping.value, mapping.at("value"))
        if any(one.is_over_all and one.step(self._names) is None for one in mentions):
            return {*self._names}
        named = {mention.step(self._names) for mention in mentions}
        return {one for one in (*named, *self._answering()) if one is not None}

    def _answering(self) -> list[str]:
        """Return the step whose output is the answer, where there are no mappings."""
        if self._action.mappings:
            return []
        pairs = zip(self._action.steps, self._names, strict=True)
        return [name for step, name in pairs if step.call][-1:]


def name_of(step: Step, number: int) -> str:
    """Return the name of a step; one without is called by its number, from 1."""
    return step.name or f"step-{number}"


def _only_reads(step: Step, catalogue: Catalogue) -> bool:
    if step.call is None:
        return True
    operations = operations_named(step.call, catalogue)
    return bool(operations) and all(one.method in _ONLY_READ for one in operations)


def _mentions_of_step(step: Step) -> Iterator[_Mention]:
    yield from _mentions(step.with_, step.position)
    yield from _mentions(step.lookup_value, step.at("lookupValue"))


def _mentions_of_output(output: OutputParameter) -> Iterator[_Mention]:
    """Yield what fixed values mention; a path of an output is none over the steps."""
    for key in ("value", "const", "mapping"):
        for mention in _mentions(getattr(output, key), output.at(key)):
            if mention.is_template:
                yield mention
    inside = [one for one in (output.items, output.values) if one is not None]
    for one in (*output.properties, *inside):
        yield from _mentions_of_output(one)


def _mentions(node: Node, at: Position) -> Iterator[_Mention]:
    """Yield the placeholders and the paths inside a value."""
    if isinstance(node, Map):
        for key in node:
            yield from _mentions(node[key], node.position_of(key))
    elif isinstance(node, Seq):
        for index, item in enumerate(node):
            yield from _mentions(item, node.position_of(index))
    elif isinstance(node, str):
        names = [match["name"].strip() for match in PLACEHOLDER.finditer(node)]
        yield from (_Mention(name, at, is_template=True) for name in names)
        if not names and (node == "$" or node.startswith(_PATH_STARTS)):
            yield _Mention(node, at, is_template=False)
