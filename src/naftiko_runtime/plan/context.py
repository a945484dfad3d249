"""What the compilation of every unit of a capability shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from naftiko_runtime.diagnostics import Diagnostics
from naftiko_runtime.plan.aggregates import Functions
from naftiko_runtime.plan.consumed import Api, Catalogue, within
from naftiko_runtime.plan.formats import read_limit
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.scripts import ScriptReader
from naftiko_runtime.spec.mcp import McpAdapter
from naftiko_runtime.spec.rest import RestAdapter
from naftiko_runtime.values import record


@record
class Context:
    """The consumed APIs and operations, the functions, and what names mean.

    Attributes:
        apis: All consumed APIs.
        catalogue: All consumed operations.
        functions: All functions of aggregates.
        names: What names mean outside of any adapter.
        scripts: Reads script steps.
        diagnostics: Takes what is wrong.
    """

    apis: Mapping[str, Api]
    catalogue: Catalogue
    functions: Functions
    names: Names
    scripts: ScriptReader
    diagnostics: Diagnostics

    def inside(self, namespace: str) -> Context:
        """Return the context inside an adapter, whose namespace stands for its inputs."""
        names = replace(self.names, namespaces=self.names.namespaces | {namespace})
        return replace(self, names=names)

    def bounded(self, adapter: RestAdapter | McpAdapter) -> Context:
        """Return the context inside an adapter, whose `maxBinarySize` holds for what it calls."""
        limit = read_limit(adapter, self.diagnostics)
        return replace(self, catalogue=within(self.catalogue, limit))
