"""Formats by name, and what they need."""

from __future__ import annotations

import importlib.util

import pytest

from naftiko_runtime.execute.formats import (
    FORMATS,
    FormatInvalid,
    FormatOptions,
    compile_decoder,
    missing_extra,
)
from tests.execute.formats.reading import decode


def test_all_formats_of_the_specification_are_known() -> None:
    usual = ("json", "xml", "csv", "tsv", "psv", "yaml", "binary")

    assert {*FORMATS} == {*usual, "html", "markdown", "avro", "protobuf"}


def test_a_format_that_is_none_is_refused() -> None:
    with pytest.raises(FormatInvalid, match="there is no format 'ini'"):
        compile_decoder("ini")


@pytest.mark.parametrize("raw_format", ["json", "xml", "csv", "tsv", "psv", "yaml", "binary"])
def test_the_usual_formats_need_no_extra(raw_format: str) -> None:
    assert missing_extra(raw_format) is None
    assert callable(compile_decoder(raw_format))


@pytest.mark.parametrize("raw_format", ["html", "markdown", "avro", "protobuf"])
def test_an_extra_that_is_not_installed_is_named(
    raw_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naftiko_runtime.execute.formats.decoding.find_spec", lambda _: None)
    extra = f"naftiko-runtime[{raw_format}]"

    assert missing_extra(raw_format) == extra
    with pytest.raises(FormatInvalid) as caught:
        compile_decoder(raw_format, FormatOptions("x"))
    assert str(caught.value) == f"'{raw_format}' needs an extra: pip install '{extra}'"


@pytest.mark.parametrize(
    ("raw_format", "modules"),
    [
        ("html", ("selectolax",)),
        ("markdown", ("markdown_it",)),
        ("avro", ("fastavro",)),
        ("protobuf", ("google", "grpc_tools")),
    ],
)
def test_an_extra_that_is_installed_is_not_missing(
    raw_format: str, modules: tuple[str, ...]
) -> None:
    is_there = all(importlib.util.find_spec(module) for module in modules)

    assert (missing_extra(raw_format) is None) == is_there


def test_binary_bodies_are_base64() -> None:
    assert decode("binary", b"\x00\xff", "image/png") == "AP8="
