"""Bodies of syncs that the tests send."""

from __future__ import annotations

from polytomic_sandbox import CRM_ID

MODEL_ID = "11111111-2222-4333-8444-555555555555"
OTHER_MODEL_ID = "66666666-7777-4888-9999-000000000000"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def sync_body(**members: object) -> dict[str, object]:
    """Return the smallest body that create takes, with these members added or replaced."""
    return {
        "name": "Users to contacts",
        "mode": "updateOrCreate",
        "target": {"connection_id": CRM_ID, "object": "Contact"},
        "fields": [{"source": {"model_id": MODEL_ID, "field": "email"}, "target": "Email"}],
        **members,
    }
