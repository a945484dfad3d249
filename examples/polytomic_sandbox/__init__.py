"""A stand-in for Polytomic's model-sync API that runs on this machine.

It answers the twelve operations of `capabilities/modelsync.yaml` as the real API does, and keeps
what it is told. A request passes these modules, in this order:

    application     puts the parts together
    admission       lets requests in: API key, version; rate_limit counts them
    routes          says which operation answers which path and method
    *_operations    the twelve operations
    messages, query, shape
                    read what the caller sent; documents declares what it looks like
    syncs, executions, schedules, sources
                    what the API is about; connections and seed hold the data it starts with
    pagination      opaque page tokens
    store           SQLite
    errors          every answer that is not a success
"""

from polytomic_sandbox.application import DEFAULT_API_KEY, create_application
from polytomic_sandbox.clock import Clock, utc_now
from polytomic_sandbox.connections import CRM_ID, SUPPORT_ID, WAREHOUSE_ID
from polytomic_sandbox.seed import FIRST_SYNC_ID, USERS_MODEL_ID, seed
from polytomic_sandbox.store import Store

__all__ = [
    "CRM_ID",
    "DEFAULT_API_KEY",
    "FIRST_SYNC_ID",
    "SUPPORT_ID",
    "USERS_MODEL_ID",
    "WAREHOUSE_ID",
    "Clock",
    "Store",
    "create_application",
    "seed",
    "utc_now",
]
