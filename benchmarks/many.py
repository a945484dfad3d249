"""What do many tools and routes cost: 1,158 of them against 12?

python -m benchmarks.many [--seconds 5] [--rounds 3]
"""

from __future__ import annotations

from benchmarks.command import answer
from benchmarks.documents import MANY, body, capability, path, tool
from benchmarks.load import Request
from benchmarks.mcp_requests import NEWEST, OLDER, tools_call, tools_list
from benchmarks.measuring import CEILING, Effort, Finding, Measured, measure, table
from benchmarks.processes import Place, Started, generated, nginx

FEW = 12


def question(effort: Effort) -> Finding:
    """Measure calls in the middle of either capability, and the list of tools."""
    with (
        nginx(body(2048)) as place,
        generated(place, capability(FEW)) as few,
        generated(place, capability(MANY)) as many,
    ):
        calls = measure(_calls(place, few, many), effort)
        url = many[1]
        lists = measure(
            {f"tools/list {one}": tools_list(url, one) for one in (OLDER, NEWEST)}, effort, 1
        )
    return Finding(
        [
            table("Many tools and routes: 2 KB, 32 connections", calls),
            table(f"tools/list, {MANY} tools: one connection", lists, f"tools/list {OLDER}"),
        ],
        {
            "many routes": _ratio(calls, "REST"),
            "many tools older": _ratio(calls, f"MCP {OLDER}"),
            "many tools newest": _ratio(calls, f"MCP {NEWEST}"),
            "list": max(one.p50 for one in lists.values()) * 1e3,
        },
    )


def _calls(place: Place, few: tuple[Started, str], many: tuple[Started, str]) -> dict[str, Request]:
    contenders = {CEILING: Request(f"http://127.0.0.1:{place.proxy}{path()}")}
    for number, (started, url) in ((FEW, few), (MANY, many)):
        middle = number // 2
        contenders[f"REST, {number}"] = Request(f"http://127.0.0.1:{started.port}{path(middle)}")
        for revision in (OLDER, NEWEST):
            request = tools_call(url, revision, tool(middle))
            contenders[f"MCP {revision}, {number}"] = request
    return contenders


def _ratio(calls: dict[str, Measured], what: str) -> float:
    return calls[f"{what}, {MANY}"].rate / calls[f"{what}, {FEW}"].rate


if __name__ == "__main__":
    answer(__doc__, question)
