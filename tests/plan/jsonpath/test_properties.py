"""What holds for every path on every document."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from jsonpath_ng.ext.parser import parse

from naftiko_runtime.plan.jsonpath import JsonPathInvalid, Path, compile_path
from naftiko_runtime.values import ABSENT, Json

_NAMES = ("a", "b", "user details", "it's", 'say "hi"', "x.y", "back\\slash", "é", "")

_DOCUMENTS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_NAMES), inner),
    max_leaves=20,
)
_SEGMENTS = st.one_of(
    st.sampled_from(_NAMES).map(lambda name: f"['{_escaped(name)}']"),
    st.sampled_from(("a", "b")).map(lambda name: f".{name}"),
    st.integers(-4, 4).map(lambda index: f"[{index}]"),
)
_ODDITIES = st.sampled_from(
    [
        *"$.@[]*?:,'`()\"\\ -",
        *("..", "[*]", "[?(@.a)]", "[?(@.a>1)]", "[?(@.b=~'x')]", "[1:]", "[::-2]", "['a','b']"),
        *("a", "b", "0", "length()", "`len`", "`sub(/a/, b)`", " + $.a", "[/a]", "x y"),
    ]
)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "\\'")


@given(st.lists(_SEGMENTS, max_size=5).map(lambda parts: "$" + "".join(parts)), _DOCUMENTS)
@example("$.a[0]", {"a": "text"})
@example("$.a[0].b", {"a": "text"})
@example("$.a.b.a", {"a": {"b": {"a": None}}})
def test_a_definite_path_finds_what_the_library_finds(text: str, document: Json) -> None:
    theirs = [match.value for match in parse(text).find(document)]

    ours = compile_path(text).find(document)

    assert [ours] == theirs if theirs else ours is ABSENT


@given(st.lists(_ODDITIES, max_size=8).map("".join) | st.text(), _DOCUMENTS)
def test_any_text_is_refused_or_a_path_that_never_raises(text: str, document: Json) -> None:
    path = _compiled(text)
    found = path.find(document) if path else []

    assert path is None or path.definite or isinstance(found, list)


def _compiled(text: str) -> Path | None:
    try:
        return compile_path(text)
    except JsonPathInvalid:
        return None


@given(_DOCUMENTS)
def test_wildcards_find_what_the_library_finds(document: Json) -> None:
    for text in ("$[*]", "$.a[*].b", "$.*['user details'].*", "$[1:].a", "$[::2]", "$.a[-1:][0]"):
        theirs = [match.value for match in parse(text).find(document)]

        assert compile_path(text).find(document) == theirs
