"""What `make conformance` needs: the packages of npm, and a capability that is served."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.node import Node, installed_node
from tests.conformance.serving import FOLDER, serving_everything


@pytest.fixture(scope="session")
def node() -> Node:
    """Node.js and the packages that `package.json` names."""
    return installed_node(FOLDER)


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the capability that offers one of each kind."""
    with serving_everything(tmp_path_factory.mktemp("everything")) as url:
        yield url
