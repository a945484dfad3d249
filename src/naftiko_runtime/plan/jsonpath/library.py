"""What jsonpath-ng evaluates: filters, arithmetic, and its operators in backquotes.

The library is imported when the first path needs it: most documents have none that does. Whatever
it raises on odd data, the path then leads nowhere.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from naftiko_runtime.plan.jsonpath.path import Find, JsonPathInvalid
from naftiko_runtime.values import ABSENT, Json, Value

if TYPE_CHECKING:
    from jsonpath_ng.jsonpath import DatumInContext, JSONPath

Filtered: TypeAlias = Callable[[Json, Json], list[Json]]
"""Returns the members or items that a filter keeps, given a node and the document's root."""

_SCRIPT: Final = re.compile(
    r"`"  # an operator
    r"|^\("  # a group
    r"|\s[-+*/]\s*\$[.\[]"  # arithmetic
    r"|\[\s*[/\\]"  # sorting
)
_QUOTED: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")


def is_script(text: str) -> bool:
    """Return whether a path is one that only the library knows how to read."""
    return _SCRIPT.search(_QUOTED.sub("''", text)) is not None


def compile_script(text: str) -> tuple[bool, Find]:
    """Compile a path by the library.

    Returns:
        Whether it is definite, and what finds its value.

    Raises:
        JsonPathInvalid: The library can't read it either.
    """
    parsed = _parse(text)

    def find_all(value: Json) -> list[Json]:
        return _values(lambda: parsed.find(value))

    def find_one(value: Json) -> Value:
        return next(iter(find_all(value)), ABSENT)

    definite = _is_definite(parsed)
    return definite, find_one if definite else find_all


def compile_filter(text: str) -> Filtered:
    """Compile a filter, `?` and a condition; `$` in it is the root of the whole document.

    Raises:
        JsonPathInvalid: It is no filter.
    """
    from jsonpath_ng.jsonpath import Child, DatumInContext

    parsed = _parse(f"$[{text}]")
    assert isinstance(parsed, Child)
    condition = parsed.right

    def filtered(node: Json, root: Json) -> list[Json]:
        datum = DatumInContext(node, context=DatumInContext(root))
        return _values(lambda: condition.find(datum))

    return filtered


def _parse(text: str) -> JSONPath:
    from jsonpath_ng.ext.parser import parse

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return parse(text)
    except Exception as error:  # its errors have no common class
        reason = next(iter(str(error).splitlines()), "it can't be read")
        raise JsonPathInvalid(reason.strip()) from error


def _values(find: Callable[[], list[DatumInContext]]) -> list[Json]:
    try:
        return [one.value for one in find()]
    except Exception:  # noqa: BLE001  # it asserts, compares and calls what the data may not bear
        return []


def _is_definite(parsed: JSONPath) -> bool:
    from jsonpath_ng.ext import arithmetic, iterable, string
    from jsonpath_ng.jsonpath import Child, Fields, Index, Parent, Root, This

    if isinstance(parsed, (Child, arithmetic.Operation)):
        sides = (parsed.left, parsed.right)
        return all(isinstance(side, (str, int, float)) or _is_definite(side) for side in sides)
    if isinstance(parsed, Fields):
        return len(parsed.fields) == 1
    if isinstance(parsed, Index):
        return len(parsed.indices) == 1
    one = (Root, This, Parent, iterable.Len, iterable.Path, string.Split, string.Sub, string.Str)
    return isinstance(parsed, one)
