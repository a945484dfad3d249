"""The limits: one table, from which options, environment variables, documentation and checks come.

Each field is one row. `--max-body` and `NAFTIKO_MAX_BODY` are made of its option; its default is
the default everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Final, Literal, TypeAlias, TypeVar

KIB: Final = 1024
MIB: Final = 1024 * KIB

Kind: TypeAlias = Literal["bytes", "count", "seconds", "rate"]
"""What a limit is measured in."""

T = TypeVar("T")


def _limit(default: T, option: str, kind: Kind, meaning: str) -> T:
    return field(default=default, metadata={"option": option, "kind": kind, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class CallerRate:
    """How many calls one caller may make in a time.

    Attributes:
        calls: How many, at once or one after the other.
        seconds: In how many seconds.
    """

    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ServeLimits:
    """How much of everything there may be while serving. Sizes in bytes, times in seconds."""

    head_bytes: int = _limit(
        64 * KIB, "--max-head", "bytes", "How large the head of a request may be."
    )
    body_bytes: int = _limit(
        10 * MIB, "--max-body", "bytes", "How large the body of a request may be."
    )
    bodies_bytes: int = _limit(
        256 * MIB,
        "--max-bodies",
        "bytes",
        "How large the bodies of all requests may be together that are read or wait for an answer.",
    )
    json_depth: int = _limit(
        200, "--max-json-depth", "count", "How deep the JSON body of a request may be nested."
    )
    parameters: int = _limit(
        1000, "--max-parameters", "count", "How many fields a query or a form may have."
    )
    response_bytes: int = _limit(
        64 * MIB,
        "--max-response",
        "bytes",
        "How large the body of an upstream answer may be, as it travels and decompressed.",
    )
    connections: int = _limit(
        16_384, "--max-connections", "count", "How many connections of callers may be open."
    )
    calls: int = _limit(
        2048,
        "--max-calls",
        "count",
        "How many calls may run at once; one address may have all but an eighth.",
    )
    upstream_connections: int = _limit(
        256,
        "--max-upstream-connections",
        "count",
        "How many connections may be open to one upstream origin.",
    )
    head_seconds: float = _limit(
        10.0, "--head-timeout", "seconds", "How long the head of a request may take to arrive."
    )
    body_seconds: float = _limit(
        60.0, "--body-timeout", "seconds", "How long the body of a request may take to arrive."
    )
    idle_seconds: float = _limit(
        75.0, "--idle-timeout", "seconds", "How long a connection without a request is kept."
    )
    caller_rate: CallerRate | None = _limit(  # noqa: RUF009 - a field, and so are the others
        None,
        "--rate-limit",
        "rate",
        "How many calls one address may make, such as 50/s or 600/m; without it, any number.",
    )


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One row of the table.

    Attributes:
        name: The field of `ServeLimits`.
        option: The command line option.
        kind: What it is measured in.
        default: The default.
        meaning: What is limited, in one sentence.
    """

    name: str
    option: str
    kind: Kind
    default: object
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable that stands for the option."""
        return "NAFTIKO_" + self.option.removeprefix("--").replace("-", "_").upper()


def limit_rows() -> Iterator[LimitRow]:
    """Yield the table, row by row."""
    for one in fields(ServeLimits):
        about = one.metadata
        yield LimitRow(one.name, about["option"], about["kind"], one.default, about["meaning"])


DEFAULT_LIMITS: Final = ServeLimits()
