from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from naftiko_runtime.cli.main import naftiko

Run: TypeAlias = Callable[..., Result]
"""Runs `naftiko` with these words, in this process and in an empty folder."""

SHOP = """\
naftiko: 1.0.0-alpha2
info: {label: Shop, description: Orders of a shop, version: 1.2.3}
binds:
- namespace: env
  keys: {SHOP_KEY: SHOP_KEY, REGION: SHOP_REGION}
capability:
  consumes:
  - type: http
    namespace: shop
    baseUri: https://shop.example/api
    authentication: {type: bearer, token: '{{SHOP_KEY}}'}
    resources:
    - name: orders
      path: /orders
      operations:
      - name: list
        method: GET
        inputParameters:
        - {name: limit, in: query, type: integer, description: How many}
        - {name: tags, in: query, type: array}
        - {name: filter, in: query, type: object}
        - {name: region, in: query, type: string, value: '{{REGION}}'}
        - {name: Authorization, in: header, type: string, required: true}
        - {name: X-Trace, in: header, type: string}
        - {name: session, in: cookie, type: string}
      - name: create
        method: POST
        body: {type: json}
    - name: order
      path: /orders/{id}
      operations:
      - {name: get, method: GET}
      - {name: peek, method: HEAD}
    - name: hello
      path: /hello/{name}
      operations:
      - {name: hello, method: GET}
  - type: http
    namespace: stock
    baseUri: https://{region}.stock.example
    authentication: {type: apikey, key: api_key, value: open-sesame, placement: query}
    resources:
    - name: levels
      path: /levels
      operations:
      - {name: levels, method: GET, inputParameters: [{name: sku, in: query, type: string}]}
  exposes:
  - type: rest
    namespace: shop-rest
    port: 8080
    resources:
    - path: /v1/orders
      name: orders
      operations:
      - {name: list, method: GET, call: shop.list}
      - {name: create, method: POST, call: shop.create}
    - path: /v1/orders/{id}
      name: order
      operations:
      - {name: get, method: GET, call: shop.get}
      - {name: peek, method: HEAD, call: shop.peek}
    - path: /v1/levels
      name: levels
      operations:
      - {name: levels, method: GET, call: stock.levels}
    - path: /v1/motd
      name: motd
      operations:
      - name: motd
        method: GET
        outputParameters: [{name: text, type: string, value: Welcome}]
    - path: /v1/gone
      name: gone
      operations:
      - {name: gone, method: GET, call: shop.gone}
  - type: mcp
    namespace: shop-mcp
    port: 9090
    tools:
    - {name: list, description: List orders, call: shop.list}
    - {name: create-order, call: shop.create}
    - name: greet
      description: Greet the buyer of an order
      inputParameters: [{name: id, type: string}]
      steps:
      - {type: call, name: order, call: shop.get, with: {id: tools.id}}
      - {type: lookup, name: buyer, index: order, match: role, lookupValue: buyer}
      - {type: call, name: hello, call: shop.hello, with: {name: '{{order.name}}'}}
"""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHOP_KEY", "SHOP_REGION", "REGION", "region", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")  # xdist has terminals of its own width

    def invoke(*words: str | Path, **variables: str) -> Result:
        text = variables.pop("input", None)
        result = CliRunner().invoke(naftiko, [*map(str, words)], input=text, env=variables)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A capability with a bit of everything, in the folder that `run` runs in."""
    (tmp_path / "shop.yaml").write_text(SHOP)
    return Path("shop.yaml")
