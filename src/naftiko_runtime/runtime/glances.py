"""When files that changed are loaded: once they have stood still from one glance to the next."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Final

from naftiko_runtime.load.stamps import Stamps
from naftiko_runtime.runtime.fleet import Fleet

GLANCE_SECONDS: Final = 0.25
"""How long files are left alone between two glances; twice that, and nothing may have changed."""

_SHARE: Final = 0.05
"""The most of one processor that glances may take, where there are very many files."""

_MOST_GLANCES: Final = 20
"""How often files may go on changing before they are loaded all the same."""

_log: Final = logging.getLogger("naftiko.reload")


class Glances:
    """Looks at the files of capabilities from time to time, from one reload to the next.

    Args:
        fleet: The capabilities.

    Attributes:
        pause: How many seconds to leave files alone before the next glance.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._last: Stamps | None = None
        self._changing = 0
        self._is_blind = False
        self.pause = GLANCE_SECONDS

    def are_due(self) -> bool:
        """Look once; return whether files have changed, and are to be loaded now.

        Where it can't be seen how files are, as on a mount that has gone, they have not changed.
        """
        started = perf_counter()
        try:
            now = self._fleet.glance()
        except OSError as error:
            self._warn(error)
            return False
        self._is_blind = False
        self.pause = max(GLANCE_SECONDS, (perf_counter() - started) / _SHARE)
        self._changing = self._changing + 1 if now != self._fleet.stamps else 0
        stand_still, self._last = now == self._last, now
        return bool(self._changing) and (stand_still or self._changing > _MOST_GLANCES)

    def _warn(self, error: OSError) -> None:
        """Say that files can't be seen; once, until they can."""
        if not self._is_blind:
            _log.warning("it can't be seen whether files change: %s", error)
        self._is_blind = True
