"""YAML bodies."""

from __future__ import annotations

import pytest

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.values import Json
from tests.execute.formats.reading import decode


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: [x, 2.5, true, null, no]", {"a": 1, "b": ["x", 2.5, True, None, "no"]}),
        ('{"a": {"b": "c"}}', {"a": {"b": "c"}}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("---\na: 1\n---\nb: 2", {"a": 1}),
        ("%YAML 1.2\n# first\n---\na: 1\n...\nrubbish: [", {"a": 1}),
        ("a: 1\n--- b: 2", {"a": 1}),
        ("a: |\n  ---\n  text\n", {"a": "---\ntext\n"}),
        ("--- text", "text"),
        ("", None),
        ("---\n---\n", None),
    ],
)
def test_the_first_document_is_read(text: str, value: Json) -> None:
    assert decode("yaml", text.encode(), None) == value


def test_charsets_are_honoured() -> None:
    assert decode("yaml", "a: é".encode("latin-1"), "text/yaml; charset=latin-1") == {"a": "é"}
    assert decode("yaml", "a: é".encode("utf-16"), None) == {"a": "é"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "in line"),
        ("a: 1\na: 2", "the key 'a' stands twice in one mapping in line 2"),
        ("[" * 101 + "]" * 101, "nested deeper than 100 levels"),
        ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "b: [" + "*a," * 2000 + "]", "aliases"),
        ("a: \0", "not YAML text"),
    ],
)
def test_what_is_no_yaml_or_an_attack_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UpstreamBodyInvalid) as caught:
        decode("yaml", text.encode(), None)

    assert reason in caught.value.detail


def test_bytes_of_another_charset_are_refused() -> None:
    with pytest.raises(UpstreamBodyInvalid, match="its bytes are not utf-8 text"):
        decode("yaml", b"a: \xff", None)
