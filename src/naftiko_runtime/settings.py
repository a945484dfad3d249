"""What an operator decides about serving, besides the capability files themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from naftiko_runtime.limits import ServeLimits
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.observe import LogFormat

DEFAULT_TIMEOUT_SECONDS: Final = 30.0
MOST_WORKERS: Final = 256


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How capabilities are served.

    Attributes:
        host: The address of every listener; None leaves it to the files.
        rest_port: The port of every REST adapter, 0 for a free one; None leaves it to the files.
        mcp_port: The port of every MCP adapter, 0 for a free one; None leaves it to the files.
        skill_port: The port of every skill adapter, 0 for a free one; None leaves it to the files.
        control_port: The port of every control adapter, as above.
        load: How documents are read.
        log_level: The least that is logged: `debug`, `info`, `warning` or `error`.
        log_format: How log lines look.
        timeout_seconds: How long a call may take as a whole.
        limits: How much of everything there may be.
        docs: Whether listeners show `/docs`, `/openapi.json` and `/healthz`.
        watch: Whether changed files are loaded while serving.
        stdio: Whether MCP servers are on standard input and output, and nothing else is served.
        page_size: How many tools a page of a list has; None puts all of them on one.
        workers: How many processes serve.
        strict: Whether anything that can't be served keeps everything from starting.
        tracing: Whether spans are made of requests, and sent to a collector.
    """

    host: str | None = None
    rest_port: int | None = None
    mcp_port: int | None = None
    skill_port: int | None = None
    control_port: int | None = None
    load: LoadOptions = field(default_factory=LoadOptions)
    log_level: str = "info"
    log_format: LogFormat = "console"
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS
    limits: ServeLimits = field(default_factory=ServeLimits)
    docs: bool = True
    watch: bool = False
    stdio: bool = False
    page_size: int | None = None
    workers: int = 1
    strict: bool = False
    tracing: bool = False
