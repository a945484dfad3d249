"""Units that a document declares, counted beside those that are served."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.plan.unit_counts import count_served

_DOCUMENT = """
capability:
  consumes:
  - {namespace: api, baseUri: 'http://upstream.test'}
  exposes:
  - type: rest
    namespace: m
    resources:
    - path: /x
      operations:
      - {name: x, method: GET, outputParameters: [{value: X}]}
      - {name: x, method: PUT, outputParameters: [{value: X}]}
    - {path: '/y/{path}', forward: {targetNamespace: api}}
  - type: mcp
    namespace: m
    tools:
    - {name: x, description: x, outputParameters: [{value: X}]}
    - {name: x, description: x, outputParameters: [{value: X}]}
    resources:
    - {name: x, uri: 'x://x', outputParameters: [{value: X}]}
    prompts:
    - {name: x, template: [{content: X}]}
  - type: skill
    namespace: m
    skills:
    - {name: x, description: x, tools: [{name: x, from: {sourceNamespace: m, action: x}}]}
"""


def _counted(folder: Path, *changes: tuple[str, str]) -> tuple[int, int]:
    """Load the document with changes; return how many units are declared and served."""
    text = _DOCUMENT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "capability.yaml"
    file.write_text(text)
    loaded = load_capability(file)
    assert loaded.capability is not None
    return loaded.declared, count_served(loaded.capability)


def test_every_unit_of_a_sound_document_is_served(tmp_path: Path) -> None:
    assert _counted(tmp_path) == (9, 9)


@pytest.mark.parametrize(
    ("change", "served"),
    [
        pytest.param(("method: PUT,", "method: PUT, call: no.x,"), 8, id="operation"),
        pytest.param(("targetNamespace: api", "targetNamespace: no"), 8, id="forward"),
        pytest.param(("description: x, output", "call: no.x, output"), 7, id="two-tools"),
        pytest.param(("uri: 'x://x'", "uri: 'x://{'"), 8, id="resource"),
        pytest.param(("content: X", "call: no.x"), 8, id="prompt"),
        pytest.param(("action: x", "action: y"), 8, id="tool-of-a-skill"),
        pytest.param(("{name: x, description: x, tools", "{name: '/', tools"), 7, id="skill"),
        pytest.param(("method: PUT", "method: GET"), 8, id="duplicate"),
    ],
)
def test_a_unit_that_is_not_served_is_declared_all_the_same(
    tmp_path: Path, change: tuple[str, str], served: int
) -> None:
    assert _counted(tmp_path, change) == (9, served)


def test_units_of_one_name_count_each(tmp_path: Path) -> None:
    every = (("outputParameters", "call: no.x, outputParameters"), ("content: X", "call: no.x"))
    assert _counted(tmp_path, *every) == (9, 2), "what is left is the forward and the skill"


def test_a_control_adapter_has_no_units(tmp_path: Path) -> None:
    assert _counted(tmp_path, ("  exposes:\n", "  exposes:\n  - {type: control}\n")) == (9, 9)


def test_a_document_without_a_capability_declares_none(tmp_path: Path) -> None:
    file = tmp_path / "section.yaml"
    file.write_text("consumes: [{namespace: api, baseUri: 'http://upstream.test'}]")
    assert load_capability(file).declared == 0
