"""From a raw document to a typed one; everything odd becomes a diagnostic."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from naftiko_runtime.diagnostics import Diagnostics, did_you_mean
from naftiko_runtime.load.nodes import Map, Node, position_at
from naftiko_runtime.spec.block import Block
from naftiko_runtime.spec.document import Document
from naftiko_runtime.spec.keywords import WORDS, report_unknown_words

KNOWN_VERSIONS: Final = {
    "naftiko": ("1.0.0-alpha1", "1.0.0-alpha2", "1.0.0-alpha3"),
    "ikanos": (
        "1.0.0-alpha3",
        "1.0.0-alpha4",
        "1.0.0-beta1",
        "1.0.0-beta2",
        "1.0.0-beta3",
        "1.0.0-beta4",
        "1.0.0-beta5",
    ),
}

_EXPECTED: Final = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
    "greater_than": "more than {gt:.15g}",
    "greater_than_equal": "at least {ge:.15g}",
    "less_than_equal": "at most {le:.15g}",
}


def read_document(root: Node, diagnostics: Diagnostics) -> Document | None:
    """Check a raw document and type it.

    Args:
        root: What the YAML file holds, imports resolved.
        diagnostics: Takes what is odd about it.

    Returns:
        The document, or None if it can't be typed; then there is an error among the diagnostics.
    """
    if not isinstance(root, Map):
        diagnostics.error(
            "document-not-a-mapping",
            "a capability is a mapping with keys such as 'naftiko' and 'capability'",
            position_at(root, ()),
        )
        return None
    try:
        document = Document.model_validate(root)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            _report(one, root, diagnostics)
        return None
    _check_version(root, diagnostics)
    _report_oddities(document, diagnostics)
    return document


def _report(error: ErrorDetails, root: Map, diagnostics: Diagnostics) -> None:
    at = position_at(root, error["loc"])
    if error["type"] == "union_tag_invalid":
        kind = error["ctx"]["tag"]
        diagnostics.error(
            "adapter-type-unknown",
            f"there is no adapter type '{kind}'",
            at,
            hint=did_you_mean(kind, ("rest", "mcp", "skill", "control"))
            or "the types are rest, mcp, skill and control",
        )
        return
    if error["type"] == "union_tag_not_found":
        message = "an adapter has to say its type: rest, mcp, skill or control"
        diagnostics.error("value-missing", message, at)
        return
    expected = _EXPECTED.get(error["type"])
    problem = error["msg"].removeprefix("Value error, ")
    if expected is not None:
        problem = f"has to be {expected.format(**error.get('ctx', {}))}"
    diagnostics.error("value-invalid", f"'{_key(error['loc'])}' {problem}", at)


def _key(loc: tuple[int | str, ...]) -> str:
    """Return the innermost key of an error's place, with the index behind it if it ends in one."""
    innermost = max(depth for depth, part in enumerate(loc) if isinstance(part, str))
    return ".".join(str(part) for part in loc[innermost:])


def _check_version(root: Map, diagnostics: Diagnostics) -> None:
    key = next((key for key in KNOWN_VERSIONS if key in root), None)
    if key is None:
        diagnostics.warning(
            "version-missing",
            "the document does not say its specification version",
            root.position,
            hint="add a line such as: naftiko: 1.0.0-alpha2",
        )
    elif str(root[key]) not in KNOWN_VERSIONS[key]:
        diagnostics.warning(
            "version-unknown",
            f"'{root[key]}' is no known version of the specification; read as the newest",
            root.position_of(key),
            hint=did_you_mean(str(root[key]), KNOWN_VERSIONS[key]),
        )


def _report_oddities(block: Block, diagnostics: Diagnostics) -> None:
    if block.model_extra:
        _report_unknown_keys(block, diagnostics)
    if type(block) in WORDS:
        report_unknown_words(block, diagnostics)
    for child in block.children():
        _report_oddities(child, diagnostics)


def _report_unknown_keys(block: Block, diagnostics: Diagnostics) -> None:
    for key, at in block.unknown_keys():
        diagnostics.warning(
            "key-unknown",
            f"the specification has no key '{key}' here; it is not used",
            at,
            hint=did_you_mean(key, _known_keys(block)),
        )


def _known_keys(block: Block) -> list[str]:
    known: list[str] = []
    for name, field in type(block).model_fields.items():
        alias = field.validation_alias
        choices = getattr(alias, "choices", [alias or name])
        known.extend(str(choice) for choice in choices)
    return known
