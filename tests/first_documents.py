"""The dataset of the first five documents alone, cut out of the project's own.

Tests of code run on it. It does not grow with the evidence: a new source neither slows them down nor breaks them.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Set
from pathlib import Path

from kg.build.dataset import Inputs

NAMES = ("bernstein-poster", "debulking-2021", "kingsley-clinic", "patient-page-2024", "zanatta-2020")
_REFERENCE = re.compile(r'"([a-z-]+/[\w.-]+)"(?:, )?')
_DEFINED = re.compile(r'^id = "(.+)"', re.MULTILINE)
_TABLE = "[[entities]]\n"


def cut(folder: Path, whole: Inputs | None = None) -> Inputs:
    """Copy a dataset into a folder: the five sources, and of the rest what these need."""
    whole = whole or Inputs()
    seeds, ontology = folder / "seeds", folder / "ontology"
    shutil.copytree(whole.ontology, ontology)
    files = {path.relative_to(whole.seeds): path.read_text("utf-8") for path in sorted(whole.seeds.rglob("*.toml"))}
    sources = {path: text for path, text in files.items() if path.parent.name == "sources"}
    others = {name for path, text in sources.items() if path.stem not in NAMES for name in _DEFINED.findall(text)}
    sources = {path: _without(others, text) for path, text in sources.items() if path.stem in NAMES}
    lists = {path: _without(others, text).split(_TABLE)[1:] for path, text in files.items() if path not in sources
             and path.parent.name != "sources"}  # fmt: skip
    tables = {_id_of(table): table for tables in lists.values() for table in tables}
    kept = _needed(sources.values(), tables)
    kept |= {name for name, table in tables.items() if _is_about(kept, name, table)}
    texts = sources | {path: "".join(_TABLE + table for table in tables if _id_of(table) in kept)
                       for path, tables in lists.items()}  # fmt: skip
    for path, text in texts.items():
        (seeds / path).parent.mkdir(parents=True, exist_ok=True)
        (seeds / path).write_text(text, encoding="utf-8")
    _copy_rows(whole.seeds / "verified.tsv", seeds / "verified.tsv", lambda row: row.split("\t")[0] in kept)
    for path in (ontology / "mappings").glob("*.tsv"):
        _copy_rows(path, path, lambda row: row.split("\t")[0].removeprefix("ckgid:") in kept)
    return Inputs(seeds=seeds, ontology=ontology)


def _without(others: Set[str], text: str) -> str:
    """Remove what refers to records of other sources: a name from a list, and a line with no other name."""
    lines = []
    for line in text.splitlines(keepends=True):
        cut = _REFERENCE.sub(lambda name: "" if name[1] in others else name[0], line)
        if cut == line or _REFERENCE.search(cut):
            lines.append(cut)
    return "".join(lines)


def _id_of(table: str) -> str:
    return _DEFINED.findall(table)[0]


def _needed(sources: Iterable[str], tables: Mapping[str, str]) -> set[str]:
    """Return the ids in the sources, and those that the records of these refer to in turn."""
    kept: set[str] = set()
    fresh = {name for text in sources for name in _REFERENCE.findall(text)}
    while fresh:
        kept |= fresh
        fresh = {name for one in fresh if one in tables for name in _REFERENCE.findall(tables[one])} - kept
    return kept


def _is_about(kept: Set[str], name: str, table: str) -> bool:
    """Tell whether a table is a contrast of kept findings, or retires an id that nothing but kept ones replace."""
    if name.startswith("disagreement/") and "deprecated" not in table:
        return table.count("involves = ") > 1
    return "deprecated = true" in table and kept >= set(_REFERENCE.findall(table)[1:])


def _copy_rows(source: Path, target: Path, is_kept: Callable[[str], bool]) -> None:
    """Copy a table with its comments and its header, and of its rows those that are kept."""
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    header = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    target.write_text("".join([*lines[: header + 1], *filter(is_kept, lines[header + 1 :])]), encoding="utf-8")
