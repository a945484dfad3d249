"""`multipart/form-data` bodies, RFC 7578."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator

from naftiko_runtime.errors import InputProblem, InvalidInput
from naftiko_runtime.plan.expressions import to_json, to_text
from naftiko_runtime.plan.paths import pointer_part
from naftiko_runtime.values import Json

_ENCODED_FORMATS = ("byte", "base64", "binary")


def multipart_content(fields: Json) -> tuple[bytes, bytes]:
    """Return the body and content type of a form.

    Args:
        fields: A list of parts (`name`, `value`, `filename`, `contentType`, and `format: byte` for
            values in base64), or an object of fields. A part without a value is left out; a list
            of values gives a part each.

    Raises:
        InvalidInput: A value that has to be base64 is not.
    """
    parts = [section for part in _parts(fields) for section in _sections(part)]
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    boundary = f"naftiko-{digest}".encode()
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    content_type = b"multipart/form-data; boundary=" + boundary
    return body + b"--" + boundary + b"--\r\n", content_type


def _parts(fields: Json) -> Iterator[dict[str, Json]]:
    if isinstance(fields, dict):
        yield from ({"name": name, "value": value} for name, value in fields.items())
    elif isinstance(fields, list):
        yield from (part for part in fields if isinstance(part, dict))


def _sections(part: dict[str, Json]) -> Iterator[bytes]:
    value = part.get("value")
    for one in value if isinstance(value, list) else [value]:
        if one is not None:
            yield _head(part, one) + b"\r\n" + _content(part, one)


def _head(part: dict[str, Json], value: Json) -> bytes:
    disposition = f'form-data; name="{_quoted(part.get("name"))}"'
    if part.get("filename") is not None:
        disposition += f'; filename="{_quoted(part["filename"])}"'
    lines = [f"Content-Disposition: {disposition}"]
    default = "application/json" if isinstance(value, dict) else None
    content_type = part.get("contentType", default)
    if content_type is not None:
        lines.append(f"Content-Type: {_quoted(content_type)}")
    return "".join(f"{line}\r\n" for line in lines).encode()


def _content(part: dict[str, Json], value: Json) -> bytes:
    if part.get("format") not in _ENCODED_FORMATS:
        return to_json(value) if isinstance(value, dict) else to_text(value).encode()
    try:
        return base64.b64decode(to_text(value), validate=True)
    except binascii.Error:
        name = to_text(part.get("name"))
        problem = InputProblem(f"/{pointer_part(name)}", f"'{name}' has to be base64 text")
        raise InvalidInput((problem,)) from None


def _quoted(value: Json) -> str:
    """Return text for a quoted header parameter, with what would end it percent-encoded."""
    text = to_text(value)
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
