"""From a text to a compiled path."""

from __future__ import annotations

from functools import lru_cache

from naftiko_runtime.plan.jsonpath.definite import compile_definite
from naftiko_runtime.plan.jsonpath.indefinite import compile_indefinite
from naftiko_runtime.plan.jsonpath.library import compile_script, is_script
from naftiko_runtime.plan.jsonpath.path import JsonPathInvalid, Path
from naftiko_runtime.plan.jsonpath.segments import Index, Length, Name, read_segments


@lru_cache(maxsize=1024)  # a document says most of its paths many times
def compile_path(text: str) -> Path:
    """Compile a path.

    The `$` at its start may be missing, `$.` means the root, and names in dotted form may hold
    anything but dots and brackets: `$.user details.email`, `$.vessel-name`, `$.@id`.

    Raises:
        JsonPathInvalid: It is no JSONPath.
    """
    stripped = text.strip()
    if not stripped:
        raise JsonPathInvalid("it is empty")
    if is_script(stripped):
        definite, find = compile_script(stripped)
        return Path(text, definite, None, find)
    segments = read_segments(stripped)
    first = segments[0] if segments else None
    first_name = first.name if isinstance(first, Name) else None
    plain = [one for one in segments if isinstance(one, (Name, Index, Length))]
    if len(plain) == len(segments):
        return Path(text, True, first_name, compile_definite(plain))
    return Path(text, False, first_name, compile_indefinite(segments))
