"""Builds a snapshot: reads, infers, checks, synthesises, writes into a staging folder, renames into place.

The checks run beside the synthesis and the first files; no snapshot takes its place before they are done.

Nothing is changed in place: a build that fails or is killed leaves the previous snapshot as it was, and the next one
removes what it left.
"""

import heapq
import json
import math
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg import __version__
from kg.build.check import check
from kg.build.current import digests
from kg.build.dataset import Dataset, Inputs
from kg.build.describe import describe, describe_verifications
from kg.build.infer import derive
from kg.build.ontology_page import document
from kg.build.synthesis import synthesise
from kg.engine import stores
from kg.engine.embedded import EmbeddedEngine
from kg.errors import SnapshotError
from kg.files import lock, naming, point, put_back, put_folder, sync
from kg.load.graphs import LoadedGraphs, describe_loaded
from kg.lock import locked
from kg.memory import without_gc
from kg.parallel import beside
from kg.prefixes import GRAPH, ID, expand
from kg.rdf import graph_of
from kg.search import Index, read_entries
from kg.snapshot import CONTEXT, DATASET, MANIFEST, METADATA, SEARCH, STORE, Snapshot, sha256

#: How many snapshots stay: the current one, and the previous one, which readers may still have open.
_SNAPSHOTS = 2
_STAGING = ".staging-"
_TYPE = ox.NamedNode(expand("rdf:type"))
_MAPPING = ox.NamedNode(expand("sssom:Mapping"))
_APPARENT = ox.NamedNode(expand("ckg:ApparentDisagreement"))


def build(data: Path, inputs: Inputs | None = None, *, in_memory: float = math.inf) -> Snapshot:
    """Build a snapshot into a data folder and make it the current one.

    A dataset of more than ``in_memory`` bytes gets a store on disk, from which it is served.
    Raises RecordsError when the input breaks a rule, BuildBusyError when another build is running there.
    """
    inputs = inputs or Inputs()
    with locked(data), naming(data), without_gc():
        _clear(data)
        dataset, inferred = derive(inputs)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=data))
        try:
            with beside(partial(check, dataset, inferred, inputs)):
                manifest = _write(staging, data, inputs, dataset, inferred, in_memory)
            _finish(staging, manifest)
            place = _publish(staging, data, manifest["version"])
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        point(data / "current", Path("snapshots") / place.name)
        sync(data)
        _prune(data)
        return Snapshot.open(data)


def count(quads: Iterable[ox.Quad]) -> dict[str, Any]:
    """Count what a dataset holds, for the manifest and the start page."""
    graphs: Counter[str] = Counter()
    types: Counter[str] = Counter()
    seen: set[str] = set()
    for quad in quads:
        graph = graph_of(quad)
        graphs[graph] += 1
        if quad.predicate == _TYPE and graph != "inferred" and isinstance(quad.subject, ox.NamedNode):
            record = quad.subject.value.removeprefix(ID)
            if quad.object == _MAPPING:
                types["mapping"] += 1
            elif quad.object == _APPARENT:
                types["apparent"] += 1
            elif record != quad.subject.value and "#" not in record and record not in seen:
                seen.add(record)  # a record may have two types
                types[record.split("/")[0]] += 1
    others = {"finding", "source", "study", "population", "mapping", "disagreement", "apparent", "pooled", "rating"}
    return {
        "triples": sum(graphs.values()),
        "findings": types["finding"],
        "sources": types["source"],
        "studies": types["study"],
        "populations": types["population"],
        "entities": sum(number for name, number in types.items() if name not in others),
        "mappings": types["mapping"],
        "disagreements": types["disagreement"],
        "apparentDisagreements": types["apparent"],
        "graphs": dict(sorted(graphs.items())),
    }


def _write(
    staging: Path, data: Path, inputs: Inputs, dataset: Dataset, inferred: Sequence[ox.Quad], in_memory: float
) -> dict[str, Any]:
    """Write the dataset, its description, index and pages into a folder; return what the manifest says of them."""
    quads = [*dataset.quads, *inferred]
    quads += synthesise(quads, inputs.ontology / "synthesis", inputs.context)
    loaded_graphs = LoadedGraphs(data)
    counts = count(quads)
    for graph in loaded_graphs:
        counts["graphs"][graph.graph.removeprefix(GRAPH)] = graph.triples
        counts["triples"] += graph.triples
    made_from = digests(inputs, data)
    written = {path: digest for path, digest in made_from.items() if not path.startswith("kg/")}
    _write_quads(staging / DATASET, quads, map(loaded_graphs.lines, loaded_graphs))
    # The description has the size and digest of the dataset's file, so it is a file of its own.
    # Loaded graphs are counted and nothing else: other people's files cannot change a finding.
    large = (staging / DATASET).stat().st_size > in_memory
    if large:
        stores.write(staging / STORE, [staging / DATASET], union=True)
        everything = ox.Store.read_only(str(staging / STORE))
    else:
        loaded = (quad for graph in loaded_graphs for quad in loaded_graphs.quads(graph))
        everything = stores.in_memory(chain(quads, loaded), union=True)
    description = describe(inputs.ontology / "description", everything, counts, staging / DATASET, written)
    description += [*describe_verifications(dataset.verified), *describe_loaded(loaded_graphs)]
    _write_quads(staging / METADATA, description)
    if large:
        del everything
        stores.write(staging / STORE, [staging / METADATA], union=True)
        stores.finish(staging / STORE)
        everything = ox.Store.read_only(str(staging / STORE))
    else:
        everything.extend(stores.doubled(description))
    Index.build(staging / SEARCH, read_entries(EmbeddedEngine(everything)))
    del everything
    (staging / CONTEXT).write_text(json.dumps(inputs.context.document, indent=2) + "\n", encoding="utf-8")
    document(staging, quads)
    version = sha256(staging / METADATA)[:12]  # covers the digests of the dataset and of every input
    return {"version": version, "calcikg": __version__, "counts": counts, "inputs": made_from, "on_disk": large}


def _finish(staging: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest of a snapshot, which has the digest of every other file but the store's.

    The store has checksums of its own, and reading all of it would take longer than opening it.
    """
    paths = sorted(path for path in staging.rglob("*") if path.is_file() and path.parent.name != STORE)
    files = {path.relative_to(staging).as_posix(): sha256(path) for path in paths}
    text = json.dumps(manifest | {"files": files}, indent=2, ensure_ascii=False) + "\n"
    (staging / MANIFEST).write_text(text, encoding="utf-8")


def _publish(staging: Path, data: Path, version: str) -> Path:
    """Give the folder of a snapshot its place, and return that."""
    for path in (*staging.rglob("*"), staging):
        sync(path)
    staging.chmod(0o755)
    place = data / "snapshots" / version
    place.parent.mkdir(exist_ok=True)
    if not _is_same(place, staging):
        put_folder(staging, place)
        sync(place.parent)
    return place


def _write_quads(path: Path, quads: Iterable[ox.Quad], loaded: Iterable[Iterable[str]] = ()) -> None:
    """Write quads, sorted, merged with the lines of loaded graphs, which are sorted and stay out of memory."""
    own = sorted({f"{quad} .\n" for quad in quads})
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line for line, _ in groupby(heapq.merge(own, *loaded)))


def _clear(data: Path) -> None:
    """Remove what builds that were killed left; we hold the lock, so none is running."""
    snapshots = data / "snapshots"
    put_back(snapshots)
    for left in (*data.glob(f"{_STAGING}*"), *snapshots.glob(".*")):
        shutil.rmtree(left)


def _is_same(place: Path, staging: Path) -> bool:
    """Tell whether a snapshot that is in its place already is whole, and was built from the same inputs."""
    try:
        return Snapshot.read(place).checked(exports=True).manifest == Snapshot.read(staging).manifest
    except SnapshotError:
        return False


def _prune(data: Path) -> None:
    """Remove old snapshots, but none that a service serves: it has locked them."""
    current = (data / "current").resolve()
    old = [path for path in (data / "snapshots").iterdir() if path != current]
    for path in sorted(old, key=lambda path: path.stat().st_mtime, reverse=True)[_SNAPSHOTS - 1 :]:
        try:
            os.close(lock(path))
        except BlockingIOError:
            continue
        gone = path.with_name(f".gone-{path.name}")
        path.rename(gone)  # in one step: half a snapshot is none
        shutil.rmtree(gone)
