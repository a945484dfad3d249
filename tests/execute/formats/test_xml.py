"""XML bodies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.errors import UpstreamBodyInvalid
from naftiko_runtime.values import Json
from tests.execute.formats.reading import decode


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<r><a>1</a></r>", {"a": "1"}),
        ("<r><a>1</a><a>2</a><b/><a>3</a></r>", {"a": ["1", "2", "3"], "b": ""}),
        ("<r><a id='5'>text</a></r>", {"a": {"id": "5", "": "text"}}),
        ("<r id='5'><a/></r>", {"id": "5", "a": ""}),
        ("<r id='5'><id>6</id></r>", {"id": ["5", "6"]}),
        ("<r>text</r>", "text"),
        ("<r> kept </r>", " kept "),
        ("<r/>", ""),
        ("<r><a></a></r>", {"a": ""}),
        ("<r>\n  <a>1</a>\n</r>", {"a": "1"}),
        ("<r>before<a>1</a>after</r>", {"a": "1", "": "beforeafter"}),
        ("<r><!-- no --><?pi no?><a><![CDATA[<b>]]></a></r>", {"a": "<b>"}),
        ("<n:r xmlns:n='urn:n' xmlns='urn:d'><n:a n:b='1'/><a/></n:r>", {"a": [{"b": "1"}, ""]}),
        ("<unbound:r><unbound:a>1</unbound:a></unbound:r>", {"a": "1"}),
        ("<r><a xsi:nil='true'/><b xsi:nil='false'/></r>", {"a": None, "b": {"nil": "false"}}),
        ("<r><a>&lt;&#233;&amp;</a></r>", {"a": "<é&"}),
        ("<!DOCTYPE r SYSTEM 'http://example.com/r.dtd'><r>a&nbsp;b</r>", "a\xa0b"),
        ("<!DOCTYPE r><r>1</r>", "1"),
        ("\n <?xml version='1.0'?><r>1</r>", "1"),
    ],
)
def test_elements_and_attributes_are_members(text: str, value: Json) -> None:
    assert decode("xml", text.encode(), "application/xml") == value


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<r>é</r>".encode(), None),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><r>é</r>".encode("latin-1"), None),
        ("<?xml version='1.0' encoding='UTF-8'?><r>é</r>".encode("latin-1"), "a/b;charset=latin1"),
        (b"\xef\xbb\xbf<?xml version='1.0' encoding='latin1'?><r>\xc3\xa9</r>", "a/b;charset=x"),
        ("<?xml version='1.0' encoding='utf-16'?><r>é</r>".encode("utf-16"), None),
        ("<r>é</r>".encode("utf-16-le"), None),
        ("<r>é</r>".encode("utf-16-be"), None),
    ],
)
def test_charsets_are_honoured(body: bytes, content_type: str | None) -> None:
    assert decode("xml", body, content_type) == "é"


def test_other_charsets_than_expats_own_are_read() -> None:
    body = "<?xml version='1.0' encoding='shift_jis'?><r>船</r>".encode("shift_jis")

    assert decode("xml", body, "text/xml") == "船"


_BOMB = """<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<r>&b;&b;&b;</r>"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no element found"),
        ("<r>", "no element found"),
        ("<r></s>", "mismatched tag"),
        ("{}", "not well-formed"),
        ("<r/><r/>", "junk after document element"),
        ("<r>&unknown;</r>", "undefined entity"),
        (_BOMB, "it declares entities or elements of its own"),
        (
            "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r>&x;</r>",
            "it declares entities or elements of its own",
        ),
        ("<!DOCTYPE r SYSTEM 'a.dtd'><r>&odd;</r>", "its entity '&odd;' is not known"),
        ("<!DOCTYPE r [%p;]><r/>", "it declares entities or elements of its own"),
        ("<a>" * 501 + "</a>" * 501, "it is nested deeper than 500 levels"),
    ],
)
def test_what_is_no_xml_or_an_attack_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UpstreamBodyInvalid) as caught:
        decode("xml", text.encode(), None)

    assert reason in caught.value.detail


@given(st.text(alphabet="<>/ab='\" &;!?-[]\n", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        decoded = decode("xml", f"<r>{text}</r>".encode(), None)
    except UpstreamBodyInvalid:
        return
    assert decoded is None or isinstance(decoded, (str, dict))
