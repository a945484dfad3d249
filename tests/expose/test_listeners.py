"""What clashes on a listener: section 8 of the behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.expose.listeners import Overrides, plan_listeners
from tests.documents import load

RESOURCE = """
naftiko: 1.0.0-alpha3
capability:
  exposes:
  - type: mcp
    namespace: {namespace}
    port: {port}
    resources:
    - {{uri: "a://b", outputParameters: [{{type: string, value: hi}}]}}
"""


def test_a_resource_that_two_servers_have_is_reported(tmp_path: Path) -> None:
    capabilities = []
    for name, port in (("one", 9090), ("two", 9090), ("three", 9091)):
        folder = tmp_path / name
        folder.mkdir()
        capabilities.append(load(folder, RESOURCE.format(namespace=name, port=port)))
    diagnostics = Diagnostics()
    plan_listeners(capabilities, Overrides(), diagnostics)
    (found,) = diagnostics
    assert found.code == "resource-clash"
    assert "'a://b'" in found.message
    assert found.position is not None
    assert found.position.file == str(tmp_path / "two" / "capability.yaml")
    assert str(tmp_path / "one" / "capability.yaml") in (found.hint or "")


SKILLS = """
naftiko: 1.0.0-alpha3
capability:
  exposes:
  - type: skill
    namespace: {namespace}
    port: {port}
    skills: {{watch: {{description: Watch}}, {namespace}: {{description: Own}}}}
"""


def test_a_skill_that_two_adapters_have_is_reported(tmp_path: Path) -> None:
    capabilities = []
    for name, port in (("one", 7070), ("two", 7070), ("three", 7071)):
        folder = tmp_path / name
        folder.mkdir()
        capabilities.append(load(folder, SKILLS.format(namespace=name, port=port)))
    diagnostics = Diagnostics()
    plan_listeners(capabilities, Overrides(), diagnostics)
    (found,) = diagnostics
    assert found.code == "skill-clash"
    assert found.position is not None
    assert found.position.file == str(tmp_path / "two" / "capability.yaml")
    assert str(tmp_path / "one" / "capability.yaml") in (found.hint or "")


@pytest.mark.parametrize(
    ("overrides", "place"),
    [
        (Overrides(), ("127.0.0.1", 7070, "")),
        (Overrides(rest_port=1, mcp_port=2), ("127.0.0.1", 7070, "")),
        (Overrides(host="0.0.0.0", skill_port=3), ("0.0.0.0", 3, "")),
        (Overrides(skill_port=0), ("127.0.0.1", 0, "skill")),
    ],
)
def test_skills_have_a_port_of_their_own(
    tmp_path: Path, overrides: Overrides, place: tuple[str, int, str]
) -> None:
    text = SKILLS.replace("    port: {port}\n", "").format(namespace="one")
    (plan,) = plan_listeners([load(tmp_path, text)], overrides, Diagnostics())
    assert plan.key == place
    assert (plan.kind, plan.at.line) == ("skill", 5)


@pytest.mark.parametrize(
    ("overrides", "place"),
    [
        (Overrides(), ("127.0.0.1", 9100, "")),
        (Overrides(host="0.0.0.0", control_port=3), ("0.0.0.0", 3, "")),
        (Overrides(control_port=0, rest_port=1), ("127.0.0.1", 0, "control")),
    ],
)
def test_control_adapters_have_a_port_of_their_own(
    tmp_path: Path, overrides: Overrides, place: tuple[str, int, str]
) -> None:
    text = "capability: {exposes: [{type: control}]}"
    (plan,) = plan_listeners([load(tmp_path, text)], overrides, Diagnostics())
    assert plan.key == place
    assert (plan.kind, plan.at.line) == ("control", 1)
