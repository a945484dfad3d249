"""From a request to the arguments of an operation. Section 4.5 of the behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from naftiko_runtime.errors import InputProblem, InvalidInput
from naftiko_runtime.expose.callers import RawHeaders
from naftiko_runtime.expose.limits import Limits
from naftiko_runtime.expose.rest.body_arguments import BodyArguments, Gathered
from naftiko_runtime.expose.rest.content import Content, decode_content
from naftiko_runtime.plan.callers import CallerCheck, carries_proof
from naftiko_runtime.plan.checking import compile_query
from naftiko_runtime.plan.inputs import Input, Place
from naftiko_runtime.plan.operations import Operation
from naftiko_runtime.values import Json

_ANYTHING: Final = b"*/*"
_SEPARATORS: Final = bytes.maketrans(b"_.", b"--")


class ArgumentReader:
    """Gathers and checks what requests bring for one operation. All look-ups are made ready once.

    Args:
        operation: Whose inputs to gather.
        callers: What callers prove themselves with: that proof ends here, it is taken for no input.
        limits: How much requests may bring.

    Attributes:
        takes_body: Whether any input comes from the body.
    """

    def __init__(self, operation: Operation, callers: CallerCheck | None, limits: Limits) -> None:
        inputs = [
            one for one in operation.inputs if not carries_proof(callers, one.place, one.name)
        ]
        self._check = operation.checker.check_request
        self._limits = limits
        self._query = (
            compile_query(inputs, most=limits.parameters) if _at(Place.QUERY, inputs) else None
        )
        self._headers = _header_names(_at(Place.HEADER, inputs))
        self._cookies = {one.name for one in _at(Place.COOKIE, inputs)}
        in_body = _at(Place.BODY, inputs)
        self._body = BodyArguments(in_body, limits.parameters) if in_body else None
        self.takes_body = self._body is not None

    def read(
        self, variables: Mapping[str, str], query: bytes, headers: RawHeaders, body: bytes
    ) -> dict[str, Json]:
        """Return the checked arguments of one request.

        Args:
            variables: The values of the path's variables.
            query: The query string, without its question mark.
            headers: The request's.
            body: The whole body; empty where there is none.

        Raises:
            InvalidInput: What is sent does not fit.
            UnsupportedContent: The body has a type that is not read here.
        """
        gathered = self._gather(query, headers, body)
        for name, value in variables.items():
            gathered.texts[name] = [value]
        values = self._check(gathered.texts, gathered.values)
        for name, text in gathered.written.items():
            if values[name] is gathered.values[name]:  # text in JSON that is JSON again was read
                values[name] = text
        return values

    def _gather(self, query: bytes, headers: RawHeaders, body: bytes) -> Gathered:
        """Gather all but the path's variables; what can't be read at all is reported at once."""
        problems: tuple[InputProblem, ...] = ()
        gathered = Gathered()
        try:
            if self._query is not None and query:
                gathered = Gathered(*self._query(query))
        except InvalidInput as error:
            problems = error.problems
        if self._headers:
            self._take_headers(headers, gathered)
        if self._cookies:
            self._take_cookies(headers, gathered)
        try:
            if self._body is not None and body:
                self._body.take(_content(body, headers, self._limits), gathered)
        except InvalidInput as error:
            problems += error.problems
        if problems:
            raise InvalidInput(problems)
        return gathered

    def _take_headers(self, headers: RawHeaders, gathered: Gathered) -> None:
        wanted = self._headers
        found: dict[str, bytes] = {}
        for key, value in headers:
            name = wanted.get(key)
            if name is not None and not (key == b"accept" and value.strip() == _ANYTHING):
                found[name] = found[name] + b", " + value if name in found else value
        for name, value in found.items():
            gathered.texts[name] = [_header_text(value)]

    def _take_cookies(self, headers: RawHeaders, gathered: Gathered) -> None:
        for key, value in headers:
            if key == b"cookie":
                for name, text in _cookies(value):
                    if name in self._cookies:
                        gathered.texts.setdefault(name, [text])


def _at(place: Place, inputs: Iterable[Input]) -> list[Input]:
    return [one for one in inputs if one.place is place]


def _header_names(inputs: Sequence[Input]) -> dict[bytes, str]:
    """Return inputs by the names of headers; `x_key` may arrive as `X-Key`."""
    names = {one.name.lower().encode(): one.name for one in inputs}
    for one in inputs:
        names.setdefault(one.name.lower().encode().translate(_SEPARATORS), one.name)
    return names


def _header_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _cookies(header: bytes) -> Iterable[tuple[str, str]]:
    for pair in header.decode("latin-1").split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals:
            yield name, unquote(value.strip('"'))


def _content(body: bytes, headers: RawHeaders, limits: Limits) -> Content:
    about = {name: value for name, value in headers if name.startswith(b"content-")}
    media_type, coding = about.get(b"content-type"), about.get(b"content-encoding")
    return decode_content(body, media_type, coding, limits)
