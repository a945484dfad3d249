"""Every diagnostic code, with its meaning; `docs/diagnostics/<code>.md` explains each at length."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEANINGS: Final = {
    "adapter-type-unknown": "An adapter is not of type `rest`, `mcp`, `skill` or `control`.",
    "authentication-incomplete": "An `authentication` has no type, or lacks what its type needs.",
    "base-uri-missing": "The base URI of a consumed API is empty or not complete.",
    "bind-file-missing": "The file or folder that a bind reads from is not there.",
    "bind-key-missing": "The source of a bind has no value under one of the keys.",
    "bind-scheme-unsupported": "The `location` of a bind has a scheme that can not be read.",
    "document-empty": "The file holds no YAML document.",
    "document-not-a-mapping": "The top of the document is not a mapping.",
    "extra-missing": "Something needs a library that is not installed.",
    "file-missing": "The file does not exist.",
    "file-too-large": "The file is larger than 16 MiB.",
    "file-unreadable": "The file exists but the system does not let it be read.",
    "format-schema-invalid": "The `outputSchema` of an operation is missing, or can not be used.",
    "format-unknown": "An `outputRawFormat` is none that the specification knows.",
    "function-duplicate": "Two functions of aggregates have the same address.",
    "header-not-forwarded": "A header is to be passed on that never is.",
    "import-loop": "A chain of imports comes back to an import that it has gone through.",
    "import-missing": "The file that an import names is not there, or none is named.",
    "import-namespace-unknown": "The imported file has nothing of the namespace that is asked for.",
    "import-outside": "An import leaves the folder tree of the first file.",
    "jsonpath-invalid": "A text that has to be a JSONPath is none.",
    "key-unknown": "The specification has no such key at this place.",
    "mapping-value-null": "A key stands there with no value behind it.",
    "namespace-duplicate": "Two things that calls tell apart by namespace have the same one.",
    "namespace-unknown": "A `call`, `ref` or `forward` names a namespace that nothing has.",
    "not-a-capability": "The document has neither a capability nor anything to import.",
    "not-yet-supported": "The document uses a feature that this version can not execute yet.",
    "nothing-exposed": "The capability exposes no adapter, so there is nothing to serve.",
    "operation-ambiguous": "A `call` fits several consumed operations, and the first was taken.",
    "operation-bound-by-name": "An operation without an action was bound to the one of its name.",
    "operation-unknown": "A `call` names an operation that the consumed API does not have.",
    "operation-without-action": "An exposed unit does not say what it is to do.",
    "output-undeclared": "A mapping of steps goes to an output that the unit does not declare.",
    "parameter-unused": "A parameter is given a value, and nothing takes it.",
    "port-clash": "Two adapters want the same port and can not share it.",
    "port-in-use": "Another program already listens on the port.",
    "proof-withheld": "An input would carry what callers prove themselves with.",
    "reference-unknown": "A reference names an input, step or function that does not exist.",
    "route-clash": "Two capabilities on one port offer the same method and path.",
    "route-duplicate": "Two operations of one adapter have the same method and path.",
    "script-file-invalid": "A script step names a file that no script may have.",
    "script-file-missing": "A file of a script can not be read.",
    "script-invalid": "A script has a syntax error, or uses what its sandbox does not have.",
    "script-language-unsupported": "A script is written in a language that does not run here.",
    "scripts-disabled": "A unit runs a script, and scripts are switched off.",
    "template-invalid": "A template holds something that is no name.",
    "tool-clash": "Two capabilities on one port offer tools of the same name.",
    "tool-duplicate": "Two tools of one adapter have the same name.",
    "tool-name-shortened": "A tool's name is too long for MCP clients and was shortened.",
    "value-invalid": "A value is not of the kind that its key takes.",
    "value-missing": "A key that can not be left out is left out.",
    "variable-missing": "A variable that the document uses has no value.",
    "variable-unbound": "A variable is used that no bind declares.",
    "version-missing": "The document does not say which version of the specification it follows.",
    "version-unknown": "The document follows a version of the specification that is not known.",
    "yaml-alias-bomb": "Aliases blow the document up to more than 10,000 values.",
    "yaml-duplicate-key": "A mapping has the same key twice.",
    "yaml-invalid": "The text is not YAML, or not one document of it.",
    "yaml-too-deep": "The document is nested deeper than 100 levels.",
}

CODES: Final[Mapping[str, str]] = MappingProxyType(_MEANINGS)
"""The meaning of each code in one sentence, in alphabetical order."""
