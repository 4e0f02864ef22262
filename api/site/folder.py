"""A folder that stands there whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.site.crawling import SiteError

#: Marks a folder as one that was made here, and may be replaced.
MARK = "calcikg-site.json"


@contextmanager
def whole(target: Path, about: dict[str, str]) -> Iterator[Path]:
    """Yield a folder beside the target that takes its name when all went well.

    Raises SiteError when something else stands there: only what was made here is replaced.
    """
    target = target.resolve()
    if not target.parent.is_dir():
        raise SiteError(f"{target.parent} is not a folder")
    if target.exists() and not _is_ours(target):
        raise SiteError(
            f"{target} was not made by `kg export site` and is not empty; remove it, or name another folder"
        )
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    old = part.with_suffix(".old")
    part.mkdir()
    try:
        yield part
        (part / MARK).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
        if target.exists():
            target.rename(old)
        part.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for folder in (part, old):
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))
