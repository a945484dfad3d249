from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from polytomic_sandbox import CRM_ID, WAREHOUSE_ID
from tests.examples.polytomic_sandbox.bodies import UNKNOWN_ID

SOURCE = f"/api/connections/{WAREHOUSE_ID}/modelsync/source"


def field_names(client: TestClient, query: str) -> list[str]:
    data = client.get(f"{SOURCE}/fields?{query}").json()["data"]
    return [field["name"] for field in data]


def test_a_source_without_parameters_shows_what_can_be_chosen(client: TestClient) -> None:
    answer = client.get(SOURCE)
    assert answer.status_code == 200
    assert answer.json() == {
        "data": {
            "configuration": {
                "schema": {"type": "string", "items": []},
                "table": {"type": "string", "items": []},
            },
            "items": {
                "schema": {
                    "has_items": True,
                    "items": ["public", "billing"],
                    "requires_one_of": [],
                },
                "table": {
                    "has_items": True,
                    "items": ["users", "orders", "products", "invoices"],
                    "requires_one_of": ["schema"],
                },
            },
            "requires_one_of": ["table"],
        }
    }


def test_parameters_are_reflected_with_all_their_values(client: TestClient) -> None:
    query = "params[table]=users&params[table]=orders&params[schema]=public"
    data = client.get(f"{SOURCE}?{query}").json()["data"]
    assert data["configuration"] == {
        "schema": {"type": "string", "items": ["public"]},
        "table": {"type": "string", "items": ["users", "orders"]},
    }
    assert data["requires_one_of"] == []


def test_encoded_brackets_are_brackets(client: TestClient) -> None:
    data = client.get(f"{SOURCE}?params%5Btable%5D=users").json()["data"]
    assert data["configuration"]["table"]["items"] == ["users"]


def test_a_broad_parameter_narrows_the_choice_of_the_next(client: TestClient) -> None:
    data = client.get(f"{SOURCE}?params[schema]=billing").json()["data"]
    assert data["items"]["table"]["items"] == ["invoices"]
    assert data["items"]["schema"]["items"] == ["public", "billing"]


def test_a_connection_has_parameters_of_its_own(client: TestClient) -> None:
    data = client.get(f"/api/connections/{CRM_ID}/modelsync/source").json()["data"]
    assert data["items"] == {
        "object": {"has_items": True, "items": ["Contact", "Account"], "requires_one_of": []}
    }


@pytest.mark.parametrize("suffix", ["", "/fields"])
@pytest.mark.parametrize("query", ["verbose=1", "params=table", "params[a][b]=c", "params[]=c"])
def test_other_query_parameters_are_ignored(client: TestClient, suffix: str, query: str) -> None:
    plain = client.get(f"{SOURCE}{suffix}").json()
    assert client.get(f"{SOURCE}{suffix}?{query}&params[unheard]=of").json() == plain


@pytest.mark.parametrize("suffix", ["", "/fields"])
def test_a_value_that_nothing_has_is_unprocessable(client: TestClient, suffix: str) -> None:
    answer = client.get(f"{SOURCE}{suffix}?params[table]=users&params[table]=planets")
    assert answer.status_code == 422
    assert answer.json()["message"] == (
        "params[table] must be one of invoices, orders, products, users"
    )


@pytest.mark.parametrize("connection_id", [UNKNOWN_ID, "warehouse"])
@pytest.mark.parametrize("suffix", ["", "/fields"])
def test_an_unknown_connection_is_not_found(
    client: TestClient, suffix: str, connection_id: str
) -> None:
    answer = client.get(f"/api/connections/{connection_id}/modelsync/source{suffix}")
    assert answer.status_code == 404
    assert answer.json()["message"] == "connection not found"


def test_the_case_of_an_id_does_not_matter(client: TestClient) -> None:
    path = f"/api/connections/{WAREHOUSE_ID.upper()}/modelsync/source"
    assert client.get(path).json() == client.get(SOURCE).json()


def test_fields_are_those_of_the_chosen_tables(client: TestClient) -> None:
    users = ["id", "email", "full_name", "signed_up_at"]
    orders = ["order_id", "user_id", "amount", "placed_at"]
    assert field_names(client, "params[table]=users") == users
    assert field_names(client, "params[table]=users&params[table]=orders") == users + orders
    assert field_names(client, "params[schema]=billing&params[table]=users") == []


def test_fields_without_parameters_are_all_there_are(client: TestClient) -> None:
    assert {"email", "amount", "sku", "paid"} <= set(field_names(client, ""))


def test_a_field_is_described(client: TestClient) -> None:
    fields = client.get(f"{SOURCE}/fields?params[table]=users").json()["data"]
    assert fields[1] == {
        "id": "f3f55924-0e07-5840-9b11-382eb095305d",
        "name": "email",
        "label": "Email",
        "type": "string",
        "remote_type": "varchar",
        "description": "public.users.email in Warehouse",
        "example": "ada@example.com",
        "unique": True,
        "user_added": False,
        "created_at": "2024-01-01T00:00:00.000000Z",
        "updated_at": "2024-01-01T00:00:00.000000Z",
    }
    assert len({field["id"] for field in fields}) == len(fields)
