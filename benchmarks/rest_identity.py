"""How fast does REST relay an answer, against `nginx proxy_pass` in the same run?

python -m benchmarks.rest_identity [--seconds 5] [--rounds 3] [--connections 32] [--size 2048]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from benchmarks.load import Load, wrk
from benchmarks.processes import free_port, nginx, runtime

CAPABILITY = Path(__file__).parent.parent / "capabilities" / "modelsync.yaml"
PATH = "/v1/api/syncs/9b2c6f0e"


def main() -> None:
    """Measure in turns, print medians, ratios and spread."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        body = json.dumps({"data": {"text": "x" * (options.size - 24)}}).encode()
        with nginx(Path(folder), body) as (upstream, proxy):
            port, mcp_port = free_port(), free_port()
            serve = ["--rest-port", str(port), "--mcp-port", str(mcp_port)]
            serve += ["--base-uri", f"http://127.0.0.1:{upstream}"]
            with runtime(CAPABILITY, port, serve, {"POLYTOMIC_API_KEY": "key"}) as started:
                contenders = {
                    "nginx proxy_pass": f"http://127.0.0.1:{proxy}{PATH}",
                    "naftiko REST": f"http://127.0.0.1:{port}{PATH}",
                }
                results: dict[str, list[Load]] = {name: [] for name in contenders}
                for _ in range(options.rounds):
                    for name, url in contenders.items():
                        results[name].append(wrk(url, options.connections, options.seconds))
                _print(results)
                megabytes = started.resident_bytes() / 1e6
                print(f"\nready after {started.seconds:.2f} s, resident {megabytes:.0f} MB")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--size", type=int, default=2048)
    return parser.parse_args()


def _print(results: dict[str, list[Load]]) -> None:
    ceiling = statistics.median(load.per_second for load in results["nginx proxy_pass"])
    columns = ("contender", "req/s", "spread", "ratio", "p50 ms", "p99 ms", "errors")
    _row(*columns)
    _row(*("---" for _ in columns))
    for name, loads in results.items():
        rates = [load.per_second for load in loads]
        rate = statistics.median(rates)
        spread = f"{min(rates):,.0f} to {max(rates):,.0f}"
        p50 = statistics.median(load.p50 for load in loads) * 1e3
        p99 = statistics.median(load.p99 for load in loads) * 1e3
        errors = sum(load.errors for load in loads)
        ratio = f"{rate / ceiling:.2f}"
        _row(name, f"{rate:,.0f}", spread, ratio, f"{p50:.2f}", f"{p99:.2f}", str(errors))


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
