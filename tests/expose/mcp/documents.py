"""The capabilities that these tests serve."""

SHIPS = """
naftiko: 1.0.0-alpha3
binds:
- namespace: env
  keys: {SHIPS_TOKEN: SHIPS_TOKEN}
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://upstream.test/v1
    authentication: {type: bearer, token: "{{SHIPS_TOKEN}}"}
    resources:
    - path: /ships
      name: ships
      operations:
      - name: list-ships
        method: GET
        inputParameters:
        - {name: limit, in: query, type: integer}
        - {name: "filter[name]", in: query, type: string}
        - {name: Authorization, in: header, type: string, required: true}
      - {name: count-ships, method: GET}
    - path: /ships/{imo}
      name: ship
      operations:
      - name: get-ship
        method: GET
        inputParameters:
        - {name: detail, in: query, type: boolean}
      - {name: scrap-ship, method: DELETE}
  exposes:
  - type: mcp
    namespace: ships
    port: 0
    description: All about ships.
    tools:
    - {name: list-ships, label: List ships, description: List all ships, call: api.list-ships}
    - {name: get-ship, description: Get a ship, call: api.get-ship}
    - {name: scrap-ship, description: Scrap a ship, call: api.scrap-ship}
    - name: ship-name
      description: The name of a ship
      call: api.get-ship
      outputParameters:
      - type: object
        properties:
          name: {type: string, mapping: $.name}
    - name: ship-names
      description: The names of ships
      call: api.count-ships
      outputParameters:
      - type: array
        mapping: $.ships
        items: {type: string, mapping: $.name}
"""

PORTS = """
naftiko: 1.0.0-alpha3
capability:
  consumes:
  - type: http
    namespace: api
    baseUri: http://ports.test
    resources:
    - path: /ports
      name: ports
      operations:
      - {name: list-ports, method: GET}
  exposes:
  - type: mcp
    namespace: ports
    port: 0
    description: All about ports.
    tools:
    - {name: list-ports, description: List all ports, call: api.list-ports}
    - {name: get-ship, description: Another ship, call: api.list-ports}
"""
