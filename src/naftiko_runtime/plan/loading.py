"""From a file to a capability: read, resolve, type, compile."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from naftiko_runtime.diagnostics import Diagnostic, Diagnostics
from naftiko_runtime.load.binds import read_binds
from naftiko_runtime.load.imports import Importer
from naftiko_runtime.load.nodes import Map
from naftiko_runtime.load.options import LoadOptions
from naftiko_runtime.load.uncollected import uncollected
from naftiko_runtime.load.variables import Variable, Variables
from naftiko_runtime.load.yaml_reader import read_file
from naftiko_runtime.plan.adapters import Capability, ControlPlan, McpPlan, RestPlan, SkillPlan
from naftiko_runtime.plan.aggregates import Functions
from naftiko_runtime.plan.consumed import read_apis, read_catalogue
from naftiko_runtime.plan.context import Context
from naftiko_runtime.plan.control import plan_control
from naftiko_runtime.plan.governance import read_governance
from naftiko_runtime.plan.mcp import plan_mcp
from naftiko_runtime.plan.references import Names
from naftiko_runtime.plan.rest import plan_rest
from naftiko_runtime.plan.scripts import ScriptReader
from naftiko_runtime.plan.skills import plan_skills
from naftiko_runtime.plan.unit_counts import count_declared
from naftiko_runtime.spec.control import ControlAdapter
from naftiko_runtime.spec.document import CapabilityBlock, Document
from naftiko_runtime.spec.mcp import McpAdapter
from naftiko_runtime.spec.reading import read_document
from naftiko_runtime.spec.rest import RestAdapter
from naftiko_runtime.spec.skill import SkillAdapter
from naftiko_runtime.values import record


@record
class Loaded:
    """What came of loading one file.

    Attributes:
        path: The file.
        capability: Ready to be served; None if an error stopped it, or if there is none in it.
        diagnostics: All findings, in the order of their places.
        sources: What it is made of besides, existing or not: imports, binds, scripts.
        is_section: Whether the file only holds sections that others import.
        secrets: Values that may never be shown, also where there is no capability.
        variables: What the document takes from outside, each once.
        declared: How many units the document declares, whether they can be served or not.
    """

    path: Path
    capability: Capability | None
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[Path, ...] = ()
    is_section: bool = False
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    variables: tuple[Variable, ...] = ()
    declared: int = 0


def load_capability(path: Path, options: LoadOptions | None = None) -> Loaded:
    """Load one capability file.

    Args:
        path: The file; positions show it as it is written here.
        options: What the operator says besides.
    """
    with uncollected():
        return _load(path, options or LoadOptions())


def _load(path: Path, options: LoadOptions) -> Loaded:
    diagnostics = Diagnostics()
    root = read_file(path, str(path), diagnostics)
    if root is None and not diagnostics.errors:
        diagnostics.error("document-empty", f"{path} is empty", None)
    if not isinstance(root, Map):
        if root is not None:
            read_document(root, diagnostics)
        return Loaded(path, None, _ordered(diagnostics))
    importer = Importer((path.parent, *options.import_roots), diagnostics)
    importer.resolve(root, path)
    variables = read_binds(root, path, options, diagnostics)
    document = read_document(root, diagnostics)
    capability = None
    scripts = ScriptReader(diagnostics)
    if document is not None:
        capability = _compile(document, path, options, variables, scripts, diagnostics)
    block = document.capability if document is not None else None
    sources = (*importer.sources, *variables.sources, *scripts.files)
    if any(one.unit is None or options.strict for one in diagnostics.errors):
        capability = None
    is_section = document is not None and document.capability is None and bool(_sections(document))
    return Loaded(
        path,
        capability,
        _ordered(diagnostics),
        sources,
        is_section,
        variables.secrets(),
        variables.needed(),
        count_declared(block) if block is not None else 0,
    )


def _compile(
    document: Document,
    path: Path,
    options: LoadOptions,
    variables: Variables,
    scripts: ScriptReader,
    diagnostics: Diagnostics,
) -> Capability | None:
    block = document.capability
    if block is None:
        _report_no_capability(document, path, diagnostics)
        return None
    if not block.exposes:
        message = f"{path} exposes nothing"
        hint = "add an adapter of type rest or mcp under 'capability.exposes'"
        diagnostics.warning("nothing-exposed", message, document.at("capability"), hint=hint)
    scripts.governance = read_governance(block.exposes, options.environment)
    names = Names(variables, diagnostics)
    apis = read_apis(block, options, names, path.parent)
    catalogue = read_catalogue(apis, names)
    functions = Functions.read(block.aggregates, diagnostics)
    context = Context(apis, catalogue, functions, names, scripts, diagnostics)
    rest, mcp, skills = _adapters(block, context)
    info = document.info
    name = (info.label if info else None) or path.stem
    control = _control(block, context, name, document.version)
    _report_missing_variables(variables, options, diagnostics)
    return Capability(
        name,
        info.description if info else None,
        info.version if info else None,
        str(path),
        tuple(rest),
        tuple(mcp),
        tuple(skills),
        control,
        variables.secrets(),
    )


def _sections(document: Document) -> list[str]:
    """Return the sections that a document holds for others to import."""
    return [key for key in ("consumes", "exposes", "aggregates", "binds") if document.has(key)]


def _report_no_capability(document: Document, path: Path, diagnostics: Diagnostics) -> None:
    sections = _sections(document)
    if sections:
        message = f"{path} is a section file: others import its {sections[0]}"
        diagnostics.info("not-a-capability", message, document.position)
        return
    message = f"{path} is no capability: it has no 'capability'"
    hint = "put 'consumes' and 'exposes' under a key 'capability'"
    diagnostics.error("not-a-capability", message, document.position, hint=hint)


def _adapters(
    block: CapabilityBlock, context: Context
) -> tuple[list[RestPlan], list[McpPlan], list[SkillPlan]]:
    rest: list[RestPlan] = []
    mcp: list[McpPlan] = []
    skills: list[SkillAdapter] = []
    for adapter in block.exposes:
        if isinstance(adapter, RestAdapter):
            rest.append(plan_rest(adapter, context))
        elif isinstance(adapter, McpAdapter):
            mcp.append(plan_mcp(adapter, context))
        elif isinstance(adapter, SkillAdapter):
            skills.append(adapter)
    return rest, mcp, [plan_skills(adapter, context, rest, mcp) for adapter in skills]


def _control(
    block: CapabilityBlock, context: Context, capability: str, specification: str | None
) -> tuple[ControlPlan, ...]:
    adapters = (one for one in block.exposes if isinstance(one, ControlAdapter))
    return tuple(plan_control(one, context, capability, specification) for one in adapters)


def _report_missing_variables(
    variables: Variables, options: LoadOptions, diagnostics: Diagnostics
) -> None:
    """Say once for each variable without a value where it is used and how to set it."""
    reported: set[str] = set()
    report = diagnostics.error if options.require_binds else diagnostics.warning
    for variable, at in variables.uses:
        if variable.value is None and variable.name not in reported:
            reported.add(variable.name)
            message = f"the variable '{variable.name}' has no value; calls that need it will fail"
            report("variable-missing", message, at, hint=variable.how_to_set)


def _ordered(diagnostics: Diagnostics) -> tuple[Diagnostic, ...]:
    return tuple(dict.fromkeys(diagnostics))
