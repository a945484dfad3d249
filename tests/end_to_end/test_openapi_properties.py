"""Requests made up from the published description, good ones and bad ones."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.end_to_end.commands import PATIENCE_SECONDS, Served

if TYPE_CHECKING:
    from schemathesis import Case

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SHORT = 5


@pytest.fixture(scope="module")
def description(polytomic: Served) -> Any:
    return schemathesis.openapi.from_url(f"{polytomic.rest}/openapi.json")


@pytest.mark.hypothesis  # for `make fuzz`: it is not seen from outside
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda one: one.value)
def test_whatever_is_sent_is_answered_as_described(
    description: Any, polytomic: Served, mode: GenerationMode
) -> None:
    def check(case: Case[Any]) -> None:
        asked.add(case.operation.label)
        response = case.call(base_url=polytomic.rest, timeout=PATIENCE_SECONDS)
        case.validate_response(response, checks=CHECKS)

    asked: set[str] = set()
    examples = max(SHORT, settings().max_examples // 100)
    for operation in (one.ok() for one in description.get_all_operations()):
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
            continue
        cases = operation.as_strategy(generation_mode=mode)
        with suppress(Unsatisfiable):  # whatever is sent there is good
            settings(max_examples=examples)(given(case=cases)(check))()
    assert len(asked) >= (12 if mode is GenerationMode.POSITIVE else 4)
    assert "Traceback" not in polytomic.process.stderr
