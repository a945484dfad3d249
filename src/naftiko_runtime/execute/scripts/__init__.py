"""Scripts, each in a sandbox: no files, network, environment or processes. Behaviour, section 10.

Python runs in pydantic-monty, JavaScript in V8 by mini-racer; both are the extra `scripts`.
"""

from naftiko_runtime.execute.scripts.engine import SyntaxProblem
from naftiko_runtime.execute.scripts.scripts import Scripts, check_syntax, missing_extra

__all__ = ["Scripts", "SyntaxProblem", "check_syntax", "missing_extra"]
