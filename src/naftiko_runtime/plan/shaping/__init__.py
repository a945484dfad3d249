"""Shaping: from decoded bodies to the answers that units declare. Section 6 of the behaviour.

Output parameters are read once (`reading`), and what was read is turned into closures (`shapes`)
and into a JSON Schema (`schemas`). `outputs` puts the outputs of one unit together.
"""

from naftiko_runtime.plan.shaping.consumed import compile_consumed
from naftiko_runtime.plan.shaping.fixed import fixed_texts, is_constant
from naftiko_runtime.plan.shaping.outputs import compile_orchestrated, compile_outputs
from naftiko_runtime.plan.shaping.plan import OutputPlan, Shape

__all__ = [
    "OutputPlan",
    "Shape",
    "compile_consumed",
    "compile_orchestrated",
    "compile_outputs",
    "fixed_texts",
    "is_constant",
]
