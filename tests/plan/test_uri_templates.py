"""URI templates of RFC 6570, level 1."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naftiko_runtime.plan.uri_templates import (
    LONGEST_URI,
    UriTemplateInvalid,
    parse_uri_template,
)


@pytest.mark.parametrize(
    ("template", "uri", "values"),
    [
        ("ships://all", "ships://all", {}),
        ("ships://{imo}", "ships://9321483", {"imo": "9321483"}),
        ("ships://{imo}/crew/{name}", "ships://1/crew/Ada%20L", {"imo": "1", "name": "Ada L"}),
        ("ships://{{imo}}", "ships://1", {"imo": "1"}),
        ("ships://{ imo }", "ships://1", {"imo": "1"}),
        ("ships:{imo}", "ships:1", {"imo": "1"}),
        ("x://{a}-{b}", "x://1-2-3", {"a": "1", "b": "2-3"}),
        ("x://v{a}.json", "x://v1.json.json", {"a": "1.json"}),
        ("x://s?q={q}", "x://s?q=a%2Fb", {"q": "a/b"}),
        ("x://{user-id}#{part}", "x://7#top", {"user-id": "7", "part": "top"}),
        ("x://{a}/{a}", "x://1/1", {"a": "1"}),
        ("x://größe/{a}", "x://größe/ü", {"a": "ü"}),
    ],
)
def test_a_uri_gives_the_values_of_its_variables(
    template: str, uri: str, values: dict[str, str]
) -> None:
    assert parse_uri_template(template).match(uri) == values


@pytest.mark.parametrize(
    ("template", "uri"),
    [
        ("ships://all", "ships://al"),
        ("ships://all", "ships://all/"),
        ("ships://{imo}", "ships://"),
        ("ships://{imo}", "ships://1/2"),
        ("ships://{imo}", "ships://1?x"),
        ("ships://{imo}", "ports://1"),
        ("ships://{imo}", "ships://%ff"),
        ("x://{a}-{b}", "x://-2"),
        ("x://{a}-{b}", "x://12"),
        ("x://v{a}.json", "x://v.json"),
        ("x://v{a}.json", "x://v1.xml"),
        ("x://vv{a}vv", "x://vvv"),
        ("x://{a}/{a}", "x://1/2"),
        ("x://{a}", "x://" + "a" * LONGEST_URI),
    ],
)
def test_other_uris_do_not_fit(template: str, uri: str) -> None:
    assert parse_uri_template(template).match(uri) is None


def test_variables_are_named_once_and_in_order() -> None:
    template = parse_uri_template("x://{b}/{{a}}/{b}")
    assert template.variables == ("b", "a")
    assert template.text == "x://{b}/{a}/{b}"


@pytest.mark.parametrize(
    "text",
    [
        "x://{+path}",
        "x://a{?q}",
        "x://{/p}",
        "x://{a,b}",
        "x://{a*}",
        "x://{}",
        "x://{{}}",
        "x://{a}{b}",
        "x://a}",
        "x://{a",
        "x://{a:3}",
    ],
)
def test_what_is_not_of_level_1_is_refused(text: str) -> None:
    with pytest.raises(UriTemplateInvalid):
        parse_uri_template(text)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_every_value_that_is_expanded_is_found_again(value: str) -> None:
    template = parse_uri_template("x://a/{v}.b/{w}")
    uri = f"x://a/{quote(value, safe='')}.b/{quote(value, safe='')}"
    assert template.match(uri) == {"v": value, "w": value}


def test_matching_many_variables_takes_no_more_time_than_the_uri_is_long() -> None:
    template = parse_uri_template("x://" + "-".join(f"{{v{n}}}" for n in range(50)) + "!")
    assert template.match("x://" + "-" * (LONGEST_URI - 4)) is None
