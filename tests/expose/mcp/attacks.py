"""Ways out of a folder, as attackers try them."""

from __future__ import annotations

from itertools import product
from typing import Final

_UPS: Final = (
    "..",
    "%2e%2e",
    "%2E%2E",
    ".%2e",
    "%2e.",
    "%252e%252e",
    "..%00",
    "..%20",
    "..;",
    "....",
    "%c0%ae%c0%ae",
    "%uff0e%uff0e",
    "\uff0e\uff0e",
    "..%0d%0a",
)
_SEPARATORS: Final = ("/", "%2f", "%2F", "%5c", "\\", "%252f", "//", "/./", "%c0%af", "%00/")
_WHOLE: Final = (
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "C:\\Windows\\win.ini",
    "\\\\host\\share",
    "~/secret.txt",
    ".env",
    "%2eenv",
    "guide/.hidden",
    ".git/config",
    "brief.txt%00.md",
    "brief.txt/",
    "brief.txt/.",
    "./brief.txt",
    "guide/../brief.txt",
    "guide%2f..%2fbrief.txt",
    "brief.txt?x",
    "brief.txt#x",
    "escape/secret.txt",
    "escape.txt",
    "loop",
    "pipe",
    "guide",
    "guide/",
    "",
    "/",
    "%",
    "%2",
    "%zz",
    "%ff",
    "%ed%a0%80",
    "\ud800",
    "a" * 9000,
    "a/" * 4000,
    "/".join(["guide"] * 70),
    "brief.txt\n",
    "brief.txt%0a",
    "\u202ebrief.txt",
    "docs/brief.txt",
)

PAYLOADS: Final = (
    *_WHOLE,
    *(f"{up}{slash}secret.txt" for up, slash in product(_UPS, _SEPARATORS)),
    *(f"guide{slash}{up}{slash}{up}{slash}secret.txt" for up, slash in product(_UPS[:6], "/\\")),
    *(f"{(up + '/') * 12}etc/passwd" for up in _UPS),
)
"""What stands behind the start of a folder's URIs; none of it names a file that is served."""
