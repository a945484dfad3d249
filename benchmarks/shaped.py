"""What does shaping cost: five mapped fields against the answer as it is?

python -m benchmarks.shaped [--seconds 5] [--rounds 3]
"""

from __future__ import annotations

from benchmarks.command import answer
from benchmarks.documents import body, capability, path
from benchmarks.load import Request
from benchmarks.measuring import CEILING, Effort, Finding, measure, table
from benchmarks.processes import generated, nginx

IDENTITY, SHAPED = "naftiko, as it is", "naftiko, five mapped fields"


def question(effort: Effort) -> Finding:
    """Measure both, 2 KB at 32 connections."""
    with (
        nginx(body(2048)) as place,
        generated(place, capability(1)) as (plain, _),
        generated(place, capability(1, is_shaped=True)) as (shaped, _),
    ):
        contenders = {
            CEILING: Request(f"http://127.0.0.1:{place.proxy}{path()}"),
            IDENTITY: Request(f"http://127.0.0.1:{plain.port}{path()}"),
            SHAPED: Request(f"http://127.0.0.1:{shaped.port}{path()}"),
        }
        results = measure(contenders, effort)
    return Finding(
        [table("REST, shaped: 2 KB, 32 connections", results)],
        {"shaped": results[SHAPED].rate / results[IDENTITY].rate},
    )


if __name__ == "__main__":
    answer(__doc__, question)
