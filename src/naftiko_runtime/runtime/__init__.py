"""Load, start, stop, reload: what owns the listeners.

Servers are imported only when they are asked for: commands that serve nothing start without them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from naftiko_runtime.runtime.loading import load
    from naftiko_runtime.runtime.server import Runtime
    from naftiko_runtime.runtime.serving import serve

__all__ = ["Runtime", "load", "serve"]

_ROOMS: Final = {"Runtime": "server", "load": "loading", "serve": "serving"}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
