"""Files of skills, read by threads: as they are at that moment, and none for long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread

from naftiko_runtime.expose.rest.response import Answer
from naftiko_runtime.expose.skill.archive import archive_headers, pack
from naftiko_runtime.expose.skill.downloads import Download
from naftiko_runtime.expose.skill.files import page, read_answer
from naftiko_runtime.expose.skill.paths import Target
from naftiko_runtime.expose.skill.payloads import contents_payload
from naftiko_runtime.plan.adapters import Skill
from naftiko_runtime.plan.skill_folders import LARGEST_FILE_BYTES, list_folder

T = TypeVar("T")

_MOST_THREADS: Final = 4
"""How many requests may read files at once; the others wait."""


class FolderReader:
    """Answers requests for what is in the folders of skills.

    Args:
        seconds: How long a caller may take for each piece of an archive.
        largest_file: How many bytes a file may have.
    """

    def __init__(self, seconds: float, largest_file: int = LARGEST_FILE_BYTES) -> None:
        self._seconds = seconds
        self._largest_file = largest_file
        self._threads = CapacityLimiter(_MOST_THREADS)

    async def answer(self, skill: Skill, target: Target) -> Answer | Download | None:
        """Return what a path asks for; None where it isn't there.

        Raises:
            FileTooLarge: The file has more bytes than are served.
            SkillTooLarge: The skill has more files than are served, or larger ones.
        """
        folder = skill.folder
        if folder is None or not await self._apart(folder.is_dir):
            return None
        if target.kind == "file":
            read = partial(read_answer, folder, target.parts, self._largest_file)
            return await self._apart(read)
        files = await self._apart(partial(list_folder, folder))
        if target.kind == "contents":
            return page(contents_payload(skill, files))
        chunks = pack(folder, files, self._largest_file)
        return Download(archive_headers(skill.name, files), chunks, self._threads, self._seconds)

    async def _apart(self, read: Callable[[], T]) -> T:
        return await to_thread.run_sync(read, limiter=self._threads)
