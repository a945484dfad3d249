"""The operations on syncs themselves."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from polytomic_sandbox import query
from polytomic_sandbox.clock import Clock
from polytomic_sandbox.documents import Activation, Sync, SyncBody
from polytomic_sandbox.messages import Data, read_body
from polytomic_sandbox.pagination import Cursor, PageTokens, page_size
from polytomic_sandbox.schedules import schedule_options
from polytomic_sandbox.store import Store, SyncFilter
from polytomic_sandbox.syncs import activate_sync, create_sync, list_item, replace_sync


class SyncOperations:
    """List, create, get, update, delete, activate, and the schedule options."""

    def __init__(self, store: Store, clock: Clock, tokens: PageTokens) -> None:
        self._store = store
        self._clock = clock
        self._tokens = tokens

    async def list_syncs(self, request: Request) -> Response:
        """GET /api/syncs."""
        size = page_size(query.integer(request.query_params, "limit"))
        where = SyncFilter(
            active=query.boolean(request.query_params, "active"),
            mode=query.text(request.query_params, "mode"),
            target_connection_id=query.uuid(request.query_params, "target_connection_id"),
        )
        # One more than the page holds tells whether there is a next page.
        syncs = self._store.syncs(where, self._cursor(request), size + 1)
        page, rest = syncs[:size], syncs[size:]
        pagination = {"next_page_token": self._token_after(page[-1])} if rest else {}
        return Data([list_item(sync) for sync in page], pagination=pagination)

    async def create(self, request: Request) -> Response:
        """POST /api/syncs."""
        sync = create_sync(await read_body(request, SyncBody), self._clock())
        self._store.save_syncs(sync)
        return Data(sync)

    async def get_schedule_options(self, _: Request) -> Response:
        """GET /api/syncs/schedules."""
        return Data({"schedule_options": schedule_options()})

    async def get(self, request: Request) -> Response:
        """GET /api/syncs/{id}."""
        return Data(self._store.sync(request.path_params["id"]))

    async def update(self, request: Request) -> Response:
        """PUT /api/syncs/{id}."""
        sync = self._store.sync(request.path_params["id"])
        body = await read_body(request, SyncBody)
        replaced = replace_sync(sync, body, self._clock())
        self._store.save_syncs(replaced)
        return Data(replaced)

    async def delete(self, request: Request) -> Response:
        """DELETE /api/syncs/{id}."""
        self._store.delete_sync(self._store.sync(request.path_params["id"])["id"])
        return Response(status_code=204)

    async def activate(self, request: Request) -> Response:
        """POST /api/syncs/{id}/activate."""
        sync = self._store.sync(request.path_params["id"])
        body = await read_body(request, Activation)
        self._store.save_syncs(activate_sync(sync, body["active"], self._clock()))
        return Data({"id": sync["id"], "active": body["active"]})

    def _cursor(self, request: Request) -> Cursor | None:
        token = query.text(request.query_params, "page_token")
        return self._tokens.read(token) if token else None

    def _token_after(self, sync: Sync) -> str:
        return self._tokens.issue(Cursor(sync["updated_at"], sync["id"]))
