from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator

import pytest

from naftiko_runtime.observe import LogFormat, configure_logging
from naftiko_runtime.secrecy import Secrecy

SECRET = 'top "secret"'


@pytest.fixture(autouse=True)
def _restored_loggers() -> Iterator[None]:
    root, own = logging.getLogger(), logging.getLogger("naftiko")
    before = (root.handlers, root.level, own.level)
    yield
    root.handlers = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


@pytest.fixture
def logged() -> Callable[..., io.StringIO]:
    """Configure logging, and return the stream that takes the lines."""

    def configure(form: LogFormat = "console", level: str = "info") -> io.StringIO:
        stream = io.StringIO()
        configure_logging(level, form, Secrecy([SECRET]).mask, stream)
        return stream

    return configure
