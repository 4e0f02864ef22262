"""``kg build``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli.options import Seeds, data_folder, inputs, progress
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.snapshot import Snapshot


def build(
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the snapshots (KG_DATA, ./build).")] = None,
    seeds: Seeds = None,
    if_changed: Annotated[bool, typer.Option("--if-changed", help="Do nothing if nothing has changed.")] = False,
    exports: Annotated[
        bool, typer.Option(help="Write the exports and the store, too; else the service does, once it answers.")
    ] = True,
) -> None:
    """Build a checked, immutable snapshot from records, ontology, mappings and imports."""
    from kg.build.current import is_current
    from kg.build.snapshot import build as build_snapshot
    from kg.snapshot import Snapshot

    data, given = data_folder(out), inputs(seeds)
    if if_changed and is_current(data, given):
        if exports:
            _write_more(Snapshot.read((data / "current").resolve()))
        return
    with progress("building the dataset"):
        snapshot = build_snapshot(data, given, in_memory=Settings.read().in_memory)
        if exports:
            _write_more(snapshot)
    counts = snapshot.counts
    print(
        f"snapshot {snapshot.version}: {counts['findings']} findings, {counts['sources']} sources, "
        f"{counts['entities']} entities, {counts['mappings']} mappings, {counts['triples']} triples"
    )


def _write_more(snapshot: "Snapshot") -> None:
    """Write what a service can do without when it starts: the exports, and the store from which it starts at once."""
    from kg.export.prebuilt import write_exports

    write_exports(snapshot)
    snapshot.write_store()
