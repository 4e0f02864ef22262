"""Settings, all by environment: one table of name, default and meaning (contract, section 6)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("KG_DATA", "./build", "folder of the snapshots"),
    Setting("KG_MAX_BODY", "1", "largest request body, in MiB"),
    Setting("KG_WORKERS", "", "threads that answer requests; empty: one for each processor, at least four"),
)


@dataclass(frozen=True)
class Settings:
    """The values in force."""

    data: Path
    max_body: int
    workers: int

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; raises ValueError naming the variable that is not a number."""
        values = {setting.name: environ.get(setting.name) or setting.default for setting in SETTINGS}
        return cls(
            data=Path(values["KG_DATA"]),
            max_body=_number("KG_MAX_BODY", values) * 2**20,
            workers=_number("KG_WORKERS", values) if values["KG_WORKERS"] else max(4, os.cpu_count() or 1),
        )


def _number(name: str, values: Mapping[str, str]) -> int:
    try:
        return int(values[name])
    except ValueError:
        raise ValueError(f"{name} is {values[name]!r}; give a whole number") from None
