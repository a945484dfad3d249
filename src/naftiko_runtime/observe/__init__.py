"""What the runtime tells of itself while it serves."""

from naftiko_runtime.observe.access import log_mcp_call, log_rest_answer
from naftiko_runtime.observe.extra import missing_tracing_extra
from naftiko_runtime.observe.formats import LogFormat
from naftiko_runtime.observe.logs import LEVELS, configure_logging
from naftiko_runtime.observe.requests import REQUEST_IN_PROGRESS

__all__ = [
    "LEVELS",
    "REQUEST_IN_PROGRESS",
    "LogFormat",
    "configure_logging",
    "log_mcp_call",
    "log_rest_answer",
    "missing_tracing_extra",
]
