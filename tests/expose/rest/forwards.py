"""Resources whose requests are passed on."""

from __future__ import annotations

from pathlib import Path

from naftiko_runtime.plan.adapters import Capability
from tests.expose.rest.driving import capability

CONSUMED = """
- path: /orders/{id}
  name: order
  operations:
  - {name: get-order, method: GET}
"""
FORWARD = """
- path: /x/{path}
  name: all
  forward: {targetNamespace: api, trustedHeaders: [X-Id]}
"""
BESIDE = """
- path: /x/{path}
  name: all
  forward: {targetNamespace: api}
  operations:
  - {name: mock, method: GET, outputParameters: [{value: mine}]}
- path: /orders/{id}
  operations:
  - {name: get-order, method: GET, call: api.get-order}
"""


def forwards(
    folder: Path, exposed: str = FORWARD, *, api: str = "", adapter: str = ""
) -> Capability:
    """Return a capability whose adapter exposes the given resources.

    Args:
        folder: Where its file goes.
        exposed: The resources, as YAML.
        api: More of the consumed API, as YAML.
        adapter: More of the adapter, as YAML.
    """
    return capability(folder, CONSUMED, exposed, api=api, adapter=adapter)
