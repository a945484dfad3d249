"""Loading capabilities, with all that can be found out about them before they serve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from naftiko_runtime.execute.readiness import check
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.plan.exposed import without
from naftiko_runtime.plan.loading import Loaded, load_capability


def load(path: Path, options: LoadOptions | None = None) -> Loaded:
    """Load one capability file.

    A unit that could not be executed, because an extra, a schema or a sound script is missing, is
    left out and reported; under `strict` there is no capability then.

    Args:
        path: The file; positions show it as it is written here.
        options: What the operator says besides.
    """
    options = options or LoadOptions()
    loaded = load_capability(path, options)
    if loaded.capability is None:
        return loaded
    unready = check(loaded.capability)
    units = {one.operation for one in unready}
    capability = without(loaded.capability, units) if units else loaded.capability
    return replace(
        loaded,
        capability=None if units and options.strict else capability,
        diagnostics=(*loaded.diagnostics, *dict.fromkeys(one.diagnostic for one in unready)),
    )
