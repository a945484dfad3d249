from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from naftiko_runtime.observe import LogFormat, configure_logging
from naftiko_runtime.secrecy import Secrecy

SECRET = 'top "secret"'


@pytest.fixture
def logged() -> Callable[..., io.StringIO]:
    """Configure logging, and return the stream that takes the lines."""

    def configure(form: LogFormat = "console", level: str = "info") -> io.StringIO:
        stream = io.StringIO()
        configure_logging(level, form, Secrecy([SECRET]).mask, stream)
        return stream

    return configure
