"""The documentation: its capabilities load, and the pages of the specification are all there."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from naftiko_runtime.plan.loading import load_capability

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "specification"
BLOCK = re.compile(
    r"^(?P<indent> *)```ya?ml\n(?P<text> *naftiko:.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
EXPECTED = {"variable-missing", "base-uri-missing"}
"""Findings that follow from where the examples are loaded, and not from what they say."""


def examples() -> Iterator[object]:
    """Yield every capability in the documentation."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for number, match in enumerate(BLOCK.finditer(page.read_text("utf-8")), 1):
            text = textwrap.dedent(match["text"])
            yield pytest.param(text, id=f"{page.relative_to(ROOT / 'docs')}-{number}")


@pytest.mark.parametrize("text", [*examples()])
def test_a_capability_in_the_documentation_loads(text: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "features" / "shared", tmp_path / "shared")
    file = tmp_path / "capability.yaml"
    file.write_text(text, encoding="utf-8")
    loaded = load_capability(file)
    assert [one for one in loaded.diagnostics if one.code not in EXPECTED] == []
    assert loaded.capability is not None


def test_the_index_links_every_page_of_the_specification() -> None:
    linked = re.findall(r"\((\w+\.md)\) \|$", (PAGES / "index.md").read_text(), re.MULTILINE)
    assert sorted([*linked, "index.md"]) == sorted(page.name for page in PAGES.iterdir())


@pytest.mark.parametrize("page", sorted(PAGES.glob("[!i]*.md")), ids=lambda page: page.stem)
def test_a_page_says_what_differs_from_the_reference_engine(page: Path) -> None:
    assert "the reference engine" in page.read_text("utf-8")


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: str(page.relative_to(ROOT))
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
