"""What clashes on a listener: section 8 of the behaviour."""

from __future__ import annotations

from pathlib import Path

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
