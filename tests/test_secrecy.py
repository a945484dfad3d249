"""Secrets are replaced by value wherever they would appear: section 2 of the behaviour."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.secrecy import COMMON_WORDS, Secrecy


def test_without_secrets_a_text_is_shown_as_it_is() -> None:
    assert Secrecy().mask("Bearer abc") == "Bearer abc"


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        pytest.param("token=p&ss w!", "token=***", id="as-it-is"),
        pytest.param("?k=p%26ss%20w%21&a=1", "?k=***&a=1", id="percent-encoded"),
        pytest.param(f"Basic {base64.b64encode(b'p&ss w!').decode()}", "Basic ***", id="as-base64"),
        pytest.param("p&ss w!p&ss w!", "******", id="twice"),
        pytest.param("P&SS W!", "P&SS W!", id="not-what-only-resembles-it"),
    ],
)
def test_a_secret_is_masked_in_each_form(shown: str, masked: str) -> None:
    assert Secrecy(["p&ss w!"]).mask(shown) == masked


def test_each_line_of_a_secret_is_masked() -> None:
    secrecy = Secrecy(["-----KEY-----\nabcdef\n\n"])
    assert secrecy.mask("it says abcdef there") == "it says *** there"


def test_of_secrets_inside_one_another_the_longest_is_masked() -> None:
    assert Secrecy(["abc", "abcdef"]).mask("abcdef abc") == "*** ***"


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_a_blank_secret_masks_nothing(blank: str) -> None:
    assert Secrecy([blank]).mask("a b\n\tc") == "a b\n\tc"


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("p&ss+w!".replace("&", "%26").replace("!", "%21"), id="of-a-form"),
        pytest.param(base64.b64encode(b"p&ss w!").decode().rstrip("="), id="base64-unpadded"),
        pytest.param(base64.urlsafe_b64encode(b"p&ss w!").decode(), id="base64-of-urls"),
    ],
)
def test_a_secret_is_masked_in_rarer_forms(shown: str) -> None:
    assert Secrecy(["p&ss w!"]).mask(f"<{shown}>") == "<***>"


@pytest.mark.parametrize("secret", ['with "quotes"', "with\nlines", "Zoë", "back\\slash"])
def test_a_secret_is_masked_in_json_and_in_tracebacks(secret: str) -> None:
    for shown in (json.dumps(secret), json.dumps(secret, ensure_ascii=False), repr(secret)):
        assert Secrecy([secret]).mask(shown)[1:-1] == "***"


@pytest.mark.parametrize("user", ["a", "ab", "abc", "abcd"])
@pytest.mark.parametrize("secret", ["s3cret-pass", "??>>~~//"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_password_is_masked_in_a_basic_credential(
    user: str, secret: str, encode: Callable[[bytes], bytes]
) -> None:
    shown = Secrecy([secret]).mask(encode(f"{user}:{secret}".encode()).decode())
    assert "***" in shown
    assert len(shown) < 16


@pytest.mark.parametrize("secret", ["7", "us", "abc", "true", "production", "Test"])
def test_a_short_or_common_value_is_masked_where_it_stands_alone(secret: str) -> None:
    secrecy = Secrecy([secret])
    for text in ("{}", "region={}", "/v1/{}/ships", '{{"a": "{}"}}', "({})", "{}.json"):
        assert secrecy.mask(text.format(secret)) == text.format("***")


@pytest.mark.parametrize("secret", ["7", "us", "e", "rest", "ERROR", "TRUE"])
def test_a_short_or_common_value_leaves_other_words_alone(secret: str) -> None:
    line = "12:07:57 houses restored errors ERRORs TRUE0 /busy/v17 _us_ e_e"
    assert Secrecy([secret]).mask(line) == line


def test_secrets_can_be_learnt_later_and_none_is_forgotten() -> None:
    secrecy = Secrecy(["first-one"])
    secrecy.add({"second-one"})
    secrecy.add(())
    assert secrecy.mask("first-one second-one") == "*** ***"


SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=4).filter(
    lambda secret: bool(secret.strip()) and secret.lower() not in COMMON_WORDS
)


@given(SECRETS, st.text(max_size=10), st.text(max_size=10))
def test_no_secret_is_left_in_what_is_shown(secret: str, before: str, after: str) -> None:
    secrecy = Secrecy([secret])
    for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
        assert secret not in secrecy.mask(before + form + after)
        assert "***" in secrecy.mask(before + form + after)
