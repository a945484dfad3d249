"""URLs of other servers."""

from __future__ import annotations

import pytest

from naftiko_runtime.plan.web_addresses import is_web_address


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://a.test", True),
        ("http://127.0.0.1:8080/x?y=1", True),
        ("https://[::1]:8443/", True),
        ("", False),
        ("a.test/x", False),
        ("ftp://a.test", False),
        ("https://", False),
        ("https://a.test:x/", False),
        ("https://a.test:0/", False),
        ("https://[::1/", False),
        ("https://u:p@a.test", False),
        ("https://a.test/#x", False),
        ("https://a.test/ x", False),
        ("https://a.test/\r\nx", False),
        ('https://a.test/"', False),
        ("https://ä.test/", False),
    ],
)
def test_only_absolute_urls_of_the_web_are_taken(url: str, is_one: bool) -> None:
    assert is_web_address(url) is is_one
