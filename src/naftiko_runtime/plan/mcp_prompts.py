"""MCP prompts: from the document to what people pick. Section 9 of the behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.load.locations import read_text, split_location
from naftiko_runtime.load.nodes import Map, Node
from naftiko_runtime.plan.checking import compile_checker
from naftiko_runtime.plan.collector import Face, InputCollector
from naftiko_runtime.plan.completions import known_values
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.expressions import Inputs, compile_term
from naftiko_runtime.plan.inputs import Input
from naftiko_runtime.plan.mcp_actions import Declared, compile_actions
from naftiko_runtime.plan.mcp_parts import Prompt, PromptArgument, PromptMessage
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.prompt_texts import PromptTextReader
from naftiko_runtime.plan.sizes import read_size
from naftiko_runtime.plan.terms import Term
from naftiko_runtime.plan.units import has_action
from naftiko_runtime.spec import mcp as spec
from naftiko_runtime.values import record

MOST_FILE_BYTES: Final = 1024 * 1024
"""How large the file of a prompt may be."""

_ROLES: Final = ("user", "assistant")


def plan_prompts(adapter: spec.McpAdapter, context: Context) -> tuple[Prompt, ...]:
    """Compile the prompts of an adapter; those that can't be served are left out and reported.

    Args:
        adapter: The adapter.
        context: What names mean inside it.
    """
    namespace = adapter.namespace or ""
    at = adapter.at("maxBinarySize")
    largest = read_size(adapter.max_binary_size, at, context.diagnostics)
    drafts = [
        draft
        for name, prompt in _named(adapter.prompts, context.diagnostics)
        if (draft := _Reader(prompt, name, namespace, context).read()) is not None
    ]
    actions = [one.action for draft in drafts for one in draft.messages if one.action is not None]
    compiled = compile_actions(actions, context)
    operations = {one.declared.published: one.operation for one in compiled}
    return tuple(
        draft.compile(operations, largest) for draft in drafts if draft.actions <= operations.keys()
    )


def _named(
    prompts: Sequence[spec.McpPrompt], diagnostics: Diagnostics
) -> Iterator[tuple[str, spec.McpPrompt]]:
    """Give each prompt the name that clients call it by."""
    taken: set[str] = set()
    for prompt in prompts:
        name = prompt.name or prompt.label or "prompt"
        free = name
        if name in taken:
            free = next(one for n in count(2) if (one := f"{name}-{n}") not in taken)
            message = f"there are two prompts '{name}'; the later one is published as '{free}'"
            diagnostics.warning("prompt-duplicate", message, prompt.at("name"))
        taken.add(free)
        yield free, prompt


@record
class _MessageDraft:
    """A message whose operation is not compiled yet."""

    role: str
    text: Term | None
    action: Declared[spec.PromptMessage] | None


@record
class _PromptDraft:
    """A prompt whose operations are not compiled yet."""

    spec: spec.McpPrompt
    name: str
    address: str
    inputs: tuple[Input, ...]
    real_names: Inputs
    messages: tuple[_MessageDraft, ...]
    file: Path | None

    @property
    def actions(self) -> set[str]:
        """The operations that it can't be served without."""
        return {one.action.published for one in self.messages if one.action is not None}

    def compile(self, operations: Mapping[str, Operation], largest: int) -> Prompt:
        """Compile the prompt; what its operations take besides becomes an argument."""
        messages = [self._message(one, operations) for one in self.messages]
        of_operations = [
            one
            for message in messages
            if message.operation is not None
            for one in message.operation.inputs
            if not one.hidden
        ]
        is_declared = bool(self.spec.arguments)
        found = (*self.inputs, *of_operations) if is_declared else (*of_operations, *self.inputs)
        by_name: dict[str, Input] = {}
        for one in found:
            by_name.setdefault(one.name, one)
        inputs = tuple(by_name.values())
        return Prompt(
            self.name,
            self.address,
            self.spec.label,
            self.spec.description,
            tuple(self._argument(one, of_operations) for one in inputs),
            compile_checker(inputs),
            tuple(messages),
            largest,
            self.file,
            self.spec.position,
        )

    def _message(self, draft: _MessageDraft, operations: Mapping[str, Operation]) -> PromptMessage:
        text = compile_term(draft.text, self.real_names) if draft.text is not None else None
        action = draft.action
        operation = operations[action.published] if action is not None else None
        return PromptMessage(draft.role, text, operation)

    def _argument(self, one: Input, of_operations: Sequence[Input]) -> PromptArgument:
        declared = next((arg for arg in self.spec.arguments if arg.name == one.name), None)
        fed = next((other for other in of_operations if other.name == one.name), one)
        return PromptArgument(
            one.name,
            declared.label if declared is not None else None,
            one.description or fed.description,
            one.required and not one.has_default,
            known_values(one, declared) or known_values(fed),
        )


class _Reader:
    """Reads one prompt."""

    def __init__(self, prompt: spec.McpPrompt, name: str, namespace: str, context: Context) -> None:
        self._spec = prompt
        self._name = name
        self._unit = f"{namespace}.{name}"
        self._context = context
        self._collector = InputCollector(Face(is_rest=False), prompt.arguments, context.diagnostics)
        self._texts = PromptTextReader(context.names, self._collector, self._unit)

    def read(self) -> _PromptDraft | None:
        """Return the prompt; None if it can't be served (an error tells why)."""
        file: Path | None = None
        messages: list[_MessageDraft | None] = []
        if self._spec.location is not None:
            self._report_template()
            file = self._file(self._spec.location)
            messages = [self._from_file(file)] if file is not None else [None]
        elif self._spec.template:
            messages = [self._message(n, one) for n, one in enumerate(self._spec.template)]
        else:
            self._refuse("value-missing", "a prompt needs a 'template' or a 'location'", "name")
        sound = tuple(one for one in messages if one is not None)
        if not sound or len(sound) < len(messages):
            return None
        inputs, real_names = self._collector.finish()
        return _PromptDraft(self._spec, self._name, self._unit, inputs, real_names, sound, file)

    def _report_template(self) -> None:
        if self._spec.template:
            self._context.diagnostics.warning(
                "value-invalid",
                f"{self._unit} has a 'location'; its 'template' is not used",
                self._spec.at("template"),
            )

    def _message(self, number: int, message: spec.PromptMessage) -> _MessageDraft | None:
        action: Declared[spec.PromptMessage] | None = None
        if has_action(message):
            effective = self._context.functions.effective(
                message, self._unit, self._context.diagnostics
            )
            if effective is None:
                return None
            declared = (*self._spec.arguments, *effective.spec.input_parameters)
            key = f"{self._name}/{number}"
            action = Declared(key, self._unit, effective, Face(is_rest=False), declared)
        elif message.content is None:
            self._refuse("value-missing", "a message needs 'content'", "template")
            return None
        return self._with_content(message, action)

    def _with_content(
        self, message: spec.PromptMessage, action: Declared[spec.PromptMessage] | None
    ) -> _MessageDraft | None:
        text = None
        if message.content is not None:
            content = _content(message.content)
            if content is None:
                problem = "the 'content' of a message has to be a text"
                self._refuse("value-invalid", problem, "template")
                return None
            text = self._texts.read(content, message.at("content"))
        return _MessageDraft(self._role(message), text, action)

    def _role(self, message: spec.PromptMessage) -> str:
        role = message.role or "user"
        if role in _ROLES:
            return role
        self._context.diagnostics.warning(
            "value-invalid",
            f"messages have no role '{role}'; the user says it",
            message.at("role"),
            hint="the roles are user and assistant",
        )
        return "user"

    def _file(self, location: str) -> Path | None:
        at = self._spec.at("location")
        scheme, path = split_location(location, Path(at.file).parent)
        if scheme not in ("", "file"):
            problem = f"a prompt can't be read from '{scheme}:'"
            self._refuse("location-unsupported", problem, "location")
            return None
        if not path.is_file():
            self._refuse("location-missing", f"there is no file {location}", "location")
            return None
        return path.resolve()

    def _from_file(self, file: Path) -> _MessageDraft | None:
        try:
            text = read_text(file, MOST_FILE_BYTES)
        except ValueError as error:
            problem = f"{file.name} is no prompt: {error}"
            self._refuse("location-unreadable", problem, "location")
            return None
        return _MessageDraft("user", self._texts.read(text, self._spec.at("location")), None)

    def _refuse(self, code: str, problem: str, key: str) -> None:
        message = f"{problem}; {self._unit} is left out"
        self._context.diagnostics.error(code, message, self._spec.at(key), unit=self._unit)


def _content(content: Node) -> str | None:
    """Return the text of a message, which may be written as MCP's own content block."""
    if isinstance(content, Map):
        content = content.get("text")
    if isinstance(content, (str, int, float)) and not isinstance(content, bool):
        return str(content)
    return None
