"""What Python scripts may not do."""

from __future__ import annotations

import pytest

from naftiko_runtime.execute.scripts import Scripts
from naftiko_runtime.execute.scripts.engine import NO_JSON, TOO_LARGE, TOO_SLOW
from tests.execute.scripts.running import RAISED, endings, run

pytest.importorskip("pydantic_monty")

WAYS_OUT = [
    "import os\nresult = os.listdir('/')",
    "import os\nresult = os.environ['PATH']",
    "import os\nos.system('true')",
    "open('/etc/passwd').read()",
    "import pathlib\npathlib.Path('/etc/passwd').read_text()",
    "import subprocess",
    "import socket",
    "import ctypes",
    "__import__('os')",
    "exec('import os; os.listdir()')",
    "result = [one for one in ().__class__.__bases__[0].__subclasses__()]",
    "result = (lambda: 0).__globals__",
    "eval(\"open('/etc/passwd')\")",
]


async def test_there_is_no_way_out(scripts: Scripts) -> None:
    ends = await endings(scripts, "python", WAYS_OUT)
    assert ends == dict.fromkeys(WAYS_OUT, RAISED)


TOO_MUCH = {
    "x = []\nwhile True: x.append('a' * 10000)": TOO_LARGE,
    "x = 'a' * 10**10": TOO_LARGE,
    "x = [0] * 10**9": TOO_LARGE,
    "x = 10**10**8": TOO_LARGE,
    "result = [0] * (7 * 10**6)": TOO_LARGE,
    "def f(): return f()\nf()": RAISED,
    "import time\ntime.sleep(60)": TOO_SLOW,
    "x = []\nfor i in range(100000): x = [x]\nresult = x": NO_JSON,
    "x = []\nx.append(x)\nresult = x": NO_JSON,
    "result = float('nan')": NO_JSON,
    "result = lambda: 1": NO_JSON,
}


async def test_what_is_too_much_ends(scripts: Scripts) -> None:
    assert await endings(scripts, "python", TOO_MUCH) == TOO_MUCH


ENDLESS = [
    "try:\n  while True: pass\nexcept BaseException:\n  result = 1",
    "a = [1]\nfor i in range(60): a = [a, a]\nresult = a",
    "x = max(range(10**12))",
]


async def test_what_is_too_slow_ends(scripts: Scripts) -> None:
    ends = await endings(scripts, "python", ENDLESS, seconds=0.3)
    assert set(ends.values()) <= {TOO_SLOW, TOO_LARGE}


async def test_what_is_printed_goes_nowhere(
    scripts: Scripts, capfd: pytest.CaptureFixture[str]
) -> None:
    assert await run(scripts, "python", "print('x' * 10000)\nresult = 1") == 1
    assert capfd.readouterr() == ("", "")


async def test_long_integers_are_exact(scripts: Scripts) -> None:
    text = "result = context['n'] + 1"
    assert await run(scripts, "python", text, context={"n": 2**70}) == 2**70 + 1


async def test_names_of_the_sandbox_may_be_taken(scripts: Scripts) -> None:
    assert await run(scripts, "python", "json = 1\nstr = 2\nresult = json + str") == 3
