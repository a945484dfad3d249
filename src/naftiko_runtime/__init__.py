"""Run Naftiko capability files: one YAML file in, a running integration out.

`load` reads a file, `Runtime` serves what came of it. What they need is imported when they are
used, and not before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from naftiko_runtime._version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from naftiko_runtime.load.options import LoadOptions
    from naftiko_runtime.plan.loading import Loaded
    from naftiko_runtime.runtime.server import Runtime

__all__ = ["Runtime", "__version__", "load"]

import_module(f"{__name__}.load")  # now, for the function below takes the name of that package


def load(path: Path, options: LoadOptions | None = None) -> Loaded:
    """Load one capability file; what is wrong with it is among the diagnostics of the result.

    Args:
        path: The file; positions show it as it is written here.
        options: What the operator says besides; `strict` lets one bad unit fail the whole file.
    """
    from naftiko_runtime.runtime.loading import load

    return load(path, options)


def __getattr__(name: str) -> object:
    if name != "Runtime":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from naftiko_runtime.runtime.server import Runtime

    return Runtime
