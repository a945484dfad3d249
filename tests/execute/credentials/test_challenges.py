"""`WWW-Authenticate` as servers write it: RFC 9110 section 11.6.1."""

from __future__ import annotations

import pytest

from naftiko_runtime.execute.credentials.challenges import AuthChallenge, read_challenges


@pytest.mark.parametrize(
    ("text", "challenges"),
    [
        ("Negotiate", [("negotiate", {})]),
        ('Basic realm="x"', [("basic", {"realm": "x"})]),
        (
            'Basic realm="a, Digest b", charset="UTF-8", Digest realm="c" , nonce = "n",qop=auth',
            [
                ("basic", {"realm": "a, Digest b", "charset": "UTF-8"}),
                ("digest", {"realm": "c", "nonce": "n", "qop": "auth"}),
            ],
        ),
        (
            'Digest nonce="1", algorithm=MD5, DIGEST nonce="2", algorithm=SHA-256',
            [
                ("digest", {"nonce": "1", "algorithm": "MD5"}),
                ("digest", {"nonce": "2", "algorithm": "SHA-256"}),
            ],
        ),
        (r'Digest realm="say \"hi\" \\"', [("digest", {"realm": r'say "hi" \ '.strip()})]),
        ("Negotiate, Basic realm=x, NTLM", [("negotiate", {}), ("basic", {"realm": "x"})]),
        ("Bearer abc==, Digest nonce=1", [("bearer", {"abc": "="}), ("digest", {"nonce": "1"})]),
        ('realm="nobody asks"', []),
        ("", []),
        (", ,", []),
    ],
)
def test_challenges_in_one_header(text: str, challenges: list[tuple[str, dict[str, str]]]) -> None:
    found = read_challenges(((b"www-authenticate", text.encode()), (b"server", b"Digest x=1")))
    if text.endswith("NTLM"):
        challenges = [*challenges, ("ntlm", {})]
    assert found == [AuthChallenge(*one) for one in challenges]


def test_challenges_in_several_headers_stay_in_order() -> None:
    headers = tuple((b"www-authenticate", b"Digest nonce=%d" % number) for number in range(3))
    assert [one.parameters["nonce"] for one in read_challenges(headers)] == ["0", "1", "2"]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_realm_may_hold_letters_of_other_languages(encoding: str) -> None:
    header = (b"www-authenticate", 'Digest realm="Zürich"'.encode(encoding))
    assert read_challenges((header,))[0].parameters == {"realm": "Zürich"}
