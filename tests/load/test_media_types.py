"""What files are, by their extensions."""

from __future__ import annotations

import pytest

from naftiko_runtime.load.media_types import media_type_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SKILL.md", "text/markdown"),
        ("a.PNG", "image/png"),
        ("a.yaml", "application/yaml"),
        ("a.html", "text/html"),
        ("a.tar.gz", "application/gzip"),
        ("LICENSE", None),
        ("a.unheard-of", None),
    ],
)
def test_extensions_tell_types(name: str, kind: str | None) -> None:
    assert media_type_of(name) == kind
