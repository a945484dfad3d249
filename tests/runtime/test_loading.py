"""Loading with all that can be found out before serving."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from benchmarks.documents import capability
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.uncollected import uncollected
from naftiko_runtime.plan.adapters import Capability
from naftiko_runtime.plan.exposed import operations_of
from naftiko_runtime.plan.loading import load_capability
from naftiko_runtime.plan.mcp_parts import uri_of
from naftiko_runtime.runtime.loading import load

_DOCUMENT = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {path: /x, operations: [{name: get, method: GET, outputRawFormat: ini}]}
  exposes:
  - type: rest
    namespace: r
    port: 0
    resources:
    - path: /x
      operations:
      - {name: relayed, method: GET, call: api.get}
      - name: shaped
        method: PUT
        call: api.get
        outputParameters: [{type: string, mapping: $.name}]
  - type: mcp
    namespace: m
    port: 0
    tools:
    - {name: relayed, description: x, call: api.get}
    - name: shaped
      description: x
      call: api.get
      outputParameters: [{type: string, mapping: $.name}]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "capability.yaml"
    file.write_text(_DOCUMENT)
    return file


def test_a_unit_that_could_not_be_executed_is_left_out(file: Path) -> None:
    loaded = load(file)
    assert loaded.capability is not None
    served = [one.address for one in operations_of(loaded.capability)]
    assert served == ["r.relayed", "m.relayed"]
    assert [one.unit for one in loaded.diagnostics] == ["r.shaped", "m.shaped"]


def test_a_strict_operator_gets_no_capability_then(file: Path) -> None:
    loaded = load(file, LoadOptions(strict=True))
    assert loaded.capability is None
    assert len(loaded.diagnostics) == 2


def test_a_capability_that_is_ready_is_what_planning_made(file: Path) -> None:
    file.write_text(_DOCUMENT.replace("ini", "json"))
    loaded = load(file)
    assert loaded.capability is not None
    assert (loaded.diagnostics, loaded.sources) == ((), ())
    assert len(list(operations_of(loaded.capability))) == 4


def test_a_broken_document_is_not_looked_at_further(file: Path) -> None:
    file.write_text("capability: [")
    assert load(file) == load_capability(file)


_MCP = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - {path: /x, operations: [{name: get, method: GET, outputRawFormat: ini}]}
  exposes:
  - type: mcp
    namespace: m
    port: 0
    tools:
    - {name: said, description: x, steps: [{type: call, name: one, call: api.get}]}
    resources:
    - {name: relayed, uri: 'x://relayed', call: api.get}
    - {name: read, uri: 'x://read', steps: [{type: call, name: one, call: api.get}]}
    prompts:
    - {name: said, template: [{content: Hello}]}
    - {name: answered, template: [{steps: [{type: call, name: one, call: api.get}]}]}
"""


def test_resources_and_prompts_that_could_not_be_had_are_left_out(file: Path) -> None:
    file.write_text(_MCP)
    loaded = load(file)
    assert loaded.capability is not None
    (mcp,) = loaded.capability.mcp
    assert [one.unit for one in loaded.diagnostics] == ["m.said", "m.read", "m.answered"]
    assert not mcp.tools
    assert [uri_of(one) for one in mcp.resources] == ["x://relayed"]
    assert [one.name for one in mcp.prompts] == ["said"], "it needs nothing"


_OF_ONE_NAME = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test
    resources:
    - path: /x
      operations:
      - {name: sound, method: GET}
      - {name: broken, method: POST, outputRawFormat: ini}
  exposes:
  - type: rest
    namespace: m
    resources:
    - {path: /x, operations: [{name: x, method: GET, steps: [{name: s, call: api.OPERATION}]}]}
  - type: mcp
    namespace: m
    tools:
    - {name: x, description: x, steps: [{name: s, call: api.TOOL}]}
    - {name: x, description: x, steps: [{name: s, call: api.SECOND}]}
    resources:
    - {name: x, uri: 'x://x', steps: [{name: s, call: api.RESOURCE}]}
    prompts:
    - {name: x, template: [{steps: [{name: s, call: api.PROMPT}]}]}
  - type: skill
    namespace: s
    skills:
    - name: x
      description: x
      tools:
      - {name: x, from: {sourceNamespace: m, action: x}}
"""


_KINDS = ["OPERATION", "TOOL", "SECOND", "RESOURCE", "PROMPT"]


def _with_broken(*kinds: str) -> str:
    """Return the document above; the units of these kinds can't be executed."""
    text = _OF_ONE_NAME
    for kind in _KINDS:
        text = text.replace(kind, "broken" if kind in kinds else "sound")
    return text


def _kinds(capability: Capability) -> list[str]:
    """Return what is served, by the words of the document above."""
    tools = [one.name for one in capability.mcp[0].tools]
    kinds = {
        "OPERATION": capability.rest[0].routes,
        "TOOL": "x" in tools,
        "SECOND": "x-2" in tools,
        "RESOURCE": capability.mcp[0].resources,
        "PROMPT": capability.mcp[0].prompts,
    }
    return [kind for kind, is_served in kinds.items() if is_served]


@pytest.mark.parametrize("broken", _KINDS)
def test_a_unit_that_is_left_out_takes_none_of_its_name_along(file: Path, broken: str) -> None:
    file.write_text(_with_broken(broken))
    loaded = load(file)
    assert loaded.capability is not None
    assert _kinds(loaded.capability) == [kind for kind in _KINDS if kind != broken]
    (found,) = (one for one in loaded.diagnostics if one.unit is not None)
    kind = "tool" if broken == "SECOND" else broken.lower()
    assert found.message == f"there is no format 'ini'; the {kind} m.x is left out"


def test_units_of_one_name_are_reported_each(file: Path) -> None:
    file.write_text(_with_broken(*_KINDS))
    loaded = load(file)
    assert loaded.capability is not None
    assert _kinds(loaded.capability) == []
    assert loaded.capability.skills[0].skills[0].tools == ()
    messages = [one.message for one in loaded.diagnostics if one.unit is not None]
    assert [one.split()[-5] for one in messages] == ["operation", "tool", "resource", "prompt"]


def test_loading_leaves_no_garbage_that_only_a_collection_finds(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_text(capability(50, is_shaped=True))
    with uncollected():
        while gc.collect():  # what others left may leave more when it ends
            pass
        loaded = load(file)
        assert (gc.collect(), loaded.diagnostics) == (0, ())
