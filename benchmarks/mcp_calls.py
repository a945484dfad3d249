"""How fast are tool calls with their upstream call, in both eras of the protocol?

python -m benchmarks.mcp_calls [--seconds 5] [--rounds 3]
"""

from __future__ import annotations

from benchmarks.command import answer
from benchmarks.documents import SEED_PATH, SEED_TOOL, body
from benchmarks.load import Request
from benchmarks.mcp_requests import NEWEST, OLDER, tools_call
from benchmarks.measuring import CEILING, Effort, Finding, measure, table
from benchmarks.processes import nginx, seed


def question(effort: Effort) -> Finding:
    """Measure `tools/call`, 2 KB at 32 connections."""
    with nginx(body(2048)) as place, seed(place) as (_, url):
        contenders = {CEILING: Request(f"http://127.0.0.1:{place.proxy}{SEED_PATH}")}
        contenders |= {
            f"naftiko MCP {revision}": tools_call(url, revision, SEED_TOOL)
            for revision in (OLDER, NEWEST)
        }
        results = measure(contenders, effort)
    figures = {
        f"mcp {era}": results[f"naftiko MCP {revision}"].rate / results[CEILING].rate
        for era, revision in (("older", OLDER), ("newest", NEWEST))
    }
    return Finding([table("MCP tools/call: 2 KB, 32 connections", results)], figures)


if __name__ == "__main__":
    answer(__doc__, question)
