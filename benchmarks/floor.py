"""How much of a call is Python's, and how much the runtime's?

python -m benchmarks.floor [--seconds 5] [--rounds 3]
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.command import answer
from benchmarks.documents import SEED_PATH, body
from benchmarks.load import Request
from benchmarks.measuring import CEILING, Effort, Finding, measure, table
from benchmarks.processes import free_port, nginx, running, seed

_CONTENDERS = Path(__file__).parent / "contenders"
_PATH = SEED_PATH.removeprefix("/v1")


def question(effort: Effort) -> Finding:
    """Measure what has less and less to do, 2 KB at 32 connections and at one."""
    with nginx(body(2048)) as place, seed(place) as (ours, _), contextlib.ExitStack() as stack:
        upstream = f":{place.upstream}"
        contenders = {
            CEILING: Request(f"http://127.0.0.1:{place.proxy}{_PATH}"),
            "httptools on both sides, nothing else": stack.enter_context(
                _contender("floor.py", upstream)
            ),
            "plain ASGI on uvicorn, no upstream call": stack.enter_context(
                _contender("plain_asgi.py", ":")
            ),
            "plain ASGI on uvicorn, our client": stack.enter_context(
                _contender("plain_asgi.py", upstream)
            ),
            "upstream, called directly": Request(f"http://127.0.0.1{upstream}{_PATH}"),
            "naftiko REST": Request(f"http://127.0.0.1:{ours.port}{SEED_PATH}"),
        }
        many, one = measure(contenders, effort), measure(contenders, effort, 1)
    return Finding(
        [
            table("What Python leaves: 2 KB, 32 connections", many),
            table("What Python leaves: 2 KB, one connection", one),
        ]
    )


@contextlib.contextmanager
def _contender(file: str, upstream: str) -> Iterator[Request]:
    port = free_port()
    with running([sys.executable, str(_CONTENDERS / file), str(port), upstream], port):
        yield Request(f"http://127.0.0.1:{port}{_PATH}")


if __name__ == "__main__":
    answer(__doc__, question)
