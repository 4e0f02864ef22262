"""``kg publish``."""

import sys
from typing import Annotated

import typer

from kg.cli.options import Data, data_folder, progress, read_engine
from kg.settings import Settings


def publish(
    to: Annotated[str, typer.Option(help="Address at which the engine answers SPARQL queries.")],
    data: Data = None,
) -> None:
    """Load the snapshot into a remote SPARQL engine, beside the release that it holds, and check what arrived.

    When it was interrupted, it goes on where it was. User and password come from KG_ENGINE_USER and KG_ENGINE_PASSWORD.
    """
    from kg.publish import publish as bring
    from kg.snapshot import Snapshot

    endpoint, snapshot = read_engine(to), Snapshot.open(data_folder(data))
    with progress("asking the engine") as show:
        done = bring(snapshot, endpoint, Settings.read().credentials(), show)
    if not done.triples:
        print(f"{snapshot.version} is there already")
        return
    print(f"{snapshot.version}: {done.triples:,} triples are there, {done.sent:,} of them sent now")
    for release in done.removed:
        print(f"removed {release}", file=sys.stderr)
