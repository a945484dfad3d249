"""Markdown bodies."""

from __future__ import annotations

import pytest

from naftiko_runtime.execute.formats import FormatOptions
from naftiko_runtime.values import Json
from tests.execute.formats.reading import decode

pytest.importorskip("markdown_it")

DOCUMENT = """---
title: Ships
tags: [a, b]
---
Before the first heading.

# Results *of* the `year`

First line
second line, with [a link](http://x) and **bold** and ![an image](y).
Hard\\
break.

- one
- two

> quoted

| Name | Flag |
| --- | --- |
| Star | NO |
| Lone |

```
code
```

<div>raw</div>

## Next

### Results again
Text
"""


def _decode(text: str, heading: str | None = None) -> dict[str, Json]:
    decoded = decode("markdown", text.encode(), "text/markdown", FormatOptions(heading))
    assert isinstance(decoded, dict)
    return decoded


def test_a_document_is_front_matter_tables_and_sections() -> None:
    assert _decode(DOCUMENT) == {
        "frontMatter": {"title": "Ships", "tags": ["a", "b"]},
        "tables": [[{"Name": "Star", "Flag": "NO"}, {"Name": "Lone", "Flag": ""}]],
        "sections": [
            {
                "heading": "Results of the year",
                "level": 1,
                "content": "First line second line, with a link and bold and an image. Hard\nbreak."
                "\none\ntwo\nquoted",
            },
            {"heading": "Next", "level": 2, "content": ""},
            {"heading": "Results again", "level": 3, "content": "Text"},
        ],
    }


@pytest.mark.parametrize("heading", ["Results", "## Results"])
def test_sections_are_picked_by_how_their_heading_starts(heading: str) -> None:
    decoded = _decode(DOCUMENT, heading)

    assert isinstance(decoded["sections"], list)
    assert [one["level"] for one in decoded["sections"] if isinstance(one, dict)] == [1, 3]
    assert len(decoded["tables"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("---\r\na: 1\r\n---\r\ntext", {"a": 1}),
        ("---\na: 1\n---", {"a": 1}),
        ("---\n---\ntext", {}),
        ("---\n- a\n---\n", {}),
        ("---\na: [\n---\n", {}),
        ("---\na: 1\n", {}),
        ("text\n---\na: 1\n---\n", {}),
        ("", {}),
    ],
)
def test_front_matter_is_a_mapping_or_nothing(text: str, front: Json) -> None:
    assert _decode(text)["frontMatter"] == front


def test_tables_without_headers_and_inside_others_are_skipped() -> None:
    assert _decode("| | |\n|-|-|\n|1|2|\n")["tables"] == []
    assert _decode("> | a |\n> |-|\n> |1|\n")["tables"] == []
