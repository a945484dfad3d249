"""JSONPath, compiled once, when the document is loaded. Section 6 of the behaviour.

Names, indexes, slices, unions, wildcards and recursive descent are closures; filters and the
scripts of jsonpath-ng are that library's.
"""

from naftiko_runtime.plan.jsonpath.compiling import compile_path
from naftiko_runtime.plan.jsonpath.path import Find, JsonPathInvalid, Path

__all__ = ["Find", "JsonPathInvalid", "Path", "compile_path"]
