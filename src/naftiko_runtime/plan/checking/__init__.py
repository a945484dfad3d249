"""Callers' arguments: what they have to look like, how they arrive, and whether they fit.

Sections 4.5 to 4.7 of the behaviour. Everything is compiled when the document is loaded.
"""

from naftiko_runtime.plan.checking.checker import Checker, compile_checker
from naftiko_runtime.plan.checking.collect import QueryReader, compile_query
from naftiko_runtime.plan.checking.names import argument_names
from naftiko_runtime.plan.checking.schema import input_schema, schema_of

__all__ = [
    "Checker",
    "QueryReader",
    "argument_names",
    "compile_checker",
    "compile_query",
    "input_schema",
    "schema_of",
]
