"""A server that asks for digests and is strict about them, RFC 7616, by means of its own."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from naftiko_runtime.execute.upstream.message import Headers, UpstreamRequest, UpstreamResponse
from tests.upstreams import answer

HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
REALM = "the harbour"


@dataclass
class DigestServer:
    """Lets in who knows the password; each count of each nonce is good once, in order.

    Attributes:
        user: Who may come in.
        password: Theirs.
        algorithm: What it asks for.
        more: What else its challenges say.
        next_nonce: Whether every answer brings the nonce for the next request.
        nonce: The only one that is good.
        counted: The highest count that came with it.
        cnonces: The client's nonces that came with it.
        statuses: What it answered, in order.
    """

    user: str = "ada"
    password: str = "láska"
    algorithm: str = "MD5"
    more: str = ""
    next_nonce: bool = False
    nonce: str = "nonce-1"
    counted: int = 0
    cnonces: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)

    def __call__(self, request: UpstreamRequest) -> UpstreamResponse:
        proof = dict(request.headers).get(b"authorization")
        response = self._judge(proof.decode(), request) if proof else self._ask()
        self.statuses.append(response.status)
        return response

    def expire(self) -> None:
        """Make the nonce worthless."""
        self.nonce += "+"
        self.counted = 0
        self.cnonces.clear()

    def _ask(self, stale: str = "") -> UpstreamResponse:
        challenge = (
            f'Digest realm="{REALM}", nonce="{self.nonce}", algorithm={self.algorithm}, '
            f'qop="auth,auth-int"{stale}{self.more}'
        )
        return answer({}, 401, ((b"www-authenticate", challenge.encode()),))

    def _judge(self, proof: str, request: UpstreamRequest) -> UpstreamResponse:
        pattern = r'([\w*]+)=(?:"((?:\\.|[^"])*)"|([^\s,]+))'
        given = {one[1]: one[2] or one[3] for one in re.finditer(pattern, proof)}
        assert given["uri"] == request.target.decode()
        assert given["qop"] == "auth"
        assert given["algorithm"] == self.algorithm
        if given["nonce"] != self.nonce:
            return self._ask(", stale=TRUE")
        if given["response"] != self._expected(given, request):
            return self._ask()
        count = int(given["nc"], 16)
        assert count == self.counted + 1
        self.counted = count
        self.cnonces.add(given["cnonce"])
        return answer({"in": count}, 200, self._following())

    def _following(self) -> Headers:
        if not self.next_nonce:
            return ()
        self.expire()
        return ((b"authentication-info", f'nextnonce="{self.nonce}", qop=auth'.encode()),)

    def _expected(self, given: dict[str, str], request: UpstreamRequest) -> str:
        assert self._names_the_user(given)
        first = self._hash(f"{self.user}:{REALM}:{self.password}")
        if self.algorithm.endswith("-sess"):
            # The session's key is made with the first client nonce, once and for all.
            cnonce = min(self.cnonces, default=given["cnonce"])
            first = self._hash(f"{first}:{self.nonce}:{cnonce}")
        second = self._hash(f"{request.method}:{given['uri']}")
        nonces = f"{given['nonce']}:{given['nc']}:{given['cnonce']}"
        return self._hash(f"{first}:{nonces}:auth:{second}")

    def _names_the_user(self, given: dict[str, str]) -> bool:
        if given.get("userhash") == "true":
            return given["username"] == self._hash(f"{self.user}:{REALM}")
        if "username*" in given:
            charset, _, name = given["username*"].split("'")
            return (charset, unquote(name)) == ("UTF-8", self.user)
        return given["username"] == self.user

    def _hash(self, text: str) -> str:
        return hashlib.new(HASHES[self.algorithm.removesuffix("-sess")], text.encode()).hexdigest()
