"""What an MCP server offers besides tools, compiled: resources and prompts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from naftiko_runtime.diagnostics import Position
from naftiko_runtime.plan.checking import Checker
from naftiko_runtime.plan.expressions import Evaluate
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.plan.uri_templates import UriTemplate
from naftiko_runtime.values import record


@record
class DynamicResource:
    """A resource, or a template of many, whose content a call, steps or fixed values give.

    Attributes:
        name: As the document calls it.
        title: For people.
        description: For models.
        uri: Where it is read; its variables are inputs of the operation.
        operation: What gives the content.
        mime_type: What the content is; None leaves it to the answer.
        binary: Whether the content is a blob; None leaves it to the content's type.
        largest: How many bytes the content may have.
        values: What is known of the variables' values, for completion, by variable.
        at: Where the document declares it.
    """

    name: str
    title: str | None
    description: str | None
    uri: UriTemplate
    operation: Operation
    mime_type: str | None
    binary: bool | None
    largest: int
    values: Mapping[str, tuple[str, ...]]
    at: Position

    @property
    def is_template(self) -> bool:
        """Whether it stands for many resources."""
        return bool(self.uri.variables)


@record
class StaticFile:
    """A file below a folder that is served, as it was when the document was loaded.

    Attributes:
        uri: Where it is read.
        name: Its path below the folder, with slashes.
        mime_type: By its extension; None where that says nothing.
        size: In bytes.
        changed: When its content last changed, in nanoseconds since the epoch.
    """

    uri: str
    name: str
    mime_type: str | None
    size: int
    changed: int


@record
class StaticFolder:
    """A folder, or a single file, that is served as it is.

    Attributes:
        address: The resource, `namespace.name`, for logs.
        title: For people.
        description: For models.
        uri: What the URIs of its files start with, the slash included; where the location is a
            file, that file's URI.
        path: The folder or file, absolute, all links resolved.
        files: What is listed, in the order of their paths.
        mime_type: What all of its files are; None goes by their extensions.
        binary: Whether contents are blobs; None goes by their types.
        largest: How many bytes a file may have.
        at: Where the document declares it.
    """

    address: str
    title: str | None
    description: str | None
    uri: str
    path: Path
    files: tuple[StaticFile, ...]
    mime_type: str | None
    binary: bool | None
    largest: int
    at: Position


Resource: TypeAlias = DynamicResource | StaticFolder
"""One entry of `resources` in the document."""


def uri_of(resource: Resource) -> str:
    """Return the URI by which a resource is told from others: a template, or a common start."""
    return resource.uri if isinstance(resource, StaticFolder) else resource.uri.text


@record
class PromptArgument:
    """An argument of a prompt, as `prompts/list` shows it.

    Attributes:
        name: As clients call it.
        title: For people.
        description: For people and models.
        is_required: Whether the prompt can not be had without it.
        values: What is known of its values, for completion.
    """

    name: str
    title: str | None
    description: str | None
    is_required: bool
    values: tuple[str, ...]


@record
class PromptMessage:
    """A message of a prompt: a text, what an operation answers, or one behind the other.

    Attributes:
        role: `user` or `assistant`.
        text: What it says; None where only the operation speaks.
        operation: What answers; its inputs are the prompt's arguments of the same names.
    """

    role: str
    text: Evaluate | None
    operation: Operation | None


@record
class Prompt:
    """A prompt that people pick.

    Attributes:
        name: As clients call it: unique in its adapter.
        address: `namespace.name`, for logs.
        title: For people.
        description: For people.
        arguments: In document order.
        checker: Checks the arguments of a request.
        messages: In document order.
        largest: How many bytes an answer in a message may have.
        file: The file that it was read from, where it was.
        at: Where the document declares it.
    """

    name: str
    address: str
    title: str | None
    description: str | None
    arguments: tuple[PromptArgument, ...]
    checker: Checker
    messages: tuple[PromptMessage, ...]
    largest: int
    file: Path | None
    at: Position
