"""What holds for all outputs and all JSON."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.plan.shaping import compile_consumed
from naftiko_runtime.values import Json
from tests.plan.shaping.building import compiled, orchestrated, parameters

_NAMES = st.sampled_from(["a", "b", "id", "x y", "result"])
_DOCUMENTS: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "12", "1.50", "true", "text", "1e400", "$.a", "[1]"])
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=15,
)
_PATHS = st.sampled_from(
    ["$", "$.", "$.a", "$.b.a", "$.a[0]", "a.0", "$.a[*].id", "$..id", "$.a[?(@.id)]", "$.x y"]
)
_TYPES = st.sampled_from(
    ["string", "number", "integer", "boolean", "object", "array", "any", "string[]", "odd"]
)
_FIXED = st.sampled_from(["{{a}}", "x {{b}}", "12", "true", "[1]", "$.a", 5, True, ["{{a}}"], {}])


def _facts(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    nested = st.fixed_dictionaries({}, optional={"properties": st.dictionaries(_NAMES, inner)})
    return st.fixed_dictionaries(
        {},
        optional={
            "type": _TYPES,
            "mapping": _PATHS | nested,
            "value": _FIXED,
            "const": _FIXED,
            "maxLength": st.integers(0, 3),
            "properties": st.dictionaries(_NAMES, inner, max_size=3),
            "items": inner,
            "values": inner,
        },
    )


_OUTPUT = st.recursive(
    st.fixed_dictionaries({}, optional={"type": _TYPES, "mapping": _PATHS}), _facts, max_leaves=6
)
_UNNAMED = st.lists(_OUTPUT, max_size=3)
_OUTPUTS = _UNNAMED | st.dictionaries(_NAMES, _OUTPUT, max_size=3)


@given(_OUTPUTS, _OUTPUTS, st.booleans(), st.lists(_DOCUMENTS, min_size=1, max_size=4))
def test_an_answer_never_fails_and_fits_its_schema(
    outputs: Any, consumed: Any, mock: bool, documents: list[Json]
) -> None:
    made = compiled(json.dumps(outputs), json.dumps(consumed), mock=mock)

    answers = [made.shape(document, a=document, b="b") for document in documents]

    assert not made.plan.structured or all(isinstance(one, dict) for one in answers)
    assert not made.plan.constant or all(
        made.shape(None, a=1) == made.shape(one, a=1) for one in documents
    )


@given(_OUTPUTS, _DOCUMENTS.filter(lambda one: isinstance(one, dict)))
def test_an_orchestrated_answer_never_fails_and_fits_its_schema(
    outputs: Any, document: Json
) -> None:
    orchestrated(json.dumps(outputs)).shape(document, a=document)


@given(_OUTPUTS, _DOCUMENTS)
def test_what_steps_see_never_fails(outputs: Any, document: Json) -> None:
    compile_consumed(parameters(json.dumps(outputs)), Diagnostics(), "api.get")(document)
