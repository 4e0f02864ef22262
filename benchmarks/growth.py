"""``python -m benchmarks.growth FROM TO TIMES``: a scratch snapshot with each finding of a real one so many times.

Sources, studies, populations, findings, disagreements and what hangs on them are copied under IRIs of their own;
ontology, treatments, outcomes, edges and the cells of the evidence map stay, and name all copies. So a question has as
many times the studies, a treatment as many times the findings. Figures that were computed from findings stay as they
are, but for their numbers, which grow; more entities have so many findings that the build tallies their values, which
is done anew. TO must not exist yet; with TIMES 1 it is the same snapshot again.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from kg.build.synthesis import SYNTHESIS
from kg.files import point
from kg.paths import ONTOLOGY
from kg.rdf import graph_of
from kg.search import Entry, Index, Name, read_entries
from kg.snapshot import CONTEXT, DATASET, MANIFEST, METADATA, SEARCH, Snapshot, sha256

#: What is copied: the IRI of one of these, or of a node named after one, such as the omission of a finding.
_COPIED = re.compile(r"(/calcikg/[^ >]*?/(?:source|study|population|finding|disagreement|omits|without)/)")
#: How many findings, studies or people something counts that is not copied itself.
_COUNT = re.compile(r'(/ontology/\w+Count> ")(\d+)"')
#: What counts the findings of an entity only where there are very many.
_TALLIES = ONTOLOGY / "synthesis" / "map" / "60-value-tallies.rq"
_LABEL = re.compile(r'(#label> "(?:[^"\\]|\\.)*)"')
_PAGES = ("ontology.html", "ontology.ttl", "ontology.rdf", "ontology.jsonld", "ontology.nt")
_GROWING = ("findings", "sources", "studies", "populations", "disagreements", "apparentDisagreements")


def main(origin: Path, target: Path, times: int) -> None:
    """Write the snapshot into a new data folder."""
    snapshot = Snapshot.open(origin)
    folder = target / "snapshots" / f"times{times}"
    folder.mkdir(parents=True)
    counts = {name: write(snapshot.path / name, folder / name, times) for name in (DATASET, METADATA)}
    counts[DATASET] += tally(folder / DATASET)
    for name in (CONTEXT, *_PAGES):
        (folder / name).write_bytes((snapshot.path / name).read_bytes())
    entries = read_entries(snapshot.engine())
    Index.build(folder / SEARCH, (one for entry in entries for one in copies(entry, times)))
    write_manifest(snapshot, folder, times, sum(counts.values()))
    point(target / "current", Path("snapshots") / folder.name)


def write(origin: Path, target: Path, times: int) -> int:
    """Write the lines of a file, each as often as it is to be there, sorted; return their number."""
    with target.open("wb") as file:
        sort = subprocess.Popen(
            ["sort", "--unique", "--buffer-size=1G"], stdin=subprocess.PIPE, stdout=file, env={"LC_ALL": "C"}
        )
        assert sort.stdin is not None
        number = feed(origin, sort.stdin, times)
        sort.stdin.close()
        if sort.wait():
            raise OSError(f"{target} could not be sorted")
    return number


def tally(path: Path) -> int:
    """Add the tallies of values that are not there yet to the file of a dataset; return their number of triples."""
    store = ox.Store()
    with path.open("rb") as file:
        store.bulk_extend(
            ox.Quad(quad.subject, quad.predicate, quad.object)
            for quad in ox.parse(file, ox.RdfFormat.N_QUADS)
            if not graph_of(quad).startswith(("external/", "mappings"))
        )
    triples = cast(ox.QueryTriples, store.query(_TALLIES.read_text(encoding="utf-8")))
    missing = [one for one in triples if not next(store.quads_for_pattern(*one, None), None)]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{ox.Quad(*one, SYNTHESIS)} .\n" for one in missing)
    subprocess.run(["sort", "--buffer-size=1G", "--output", path, path], check=True, env={"LC_ALL": "C"})
    return len(missing)


def feed(origin: Path, to: IO[bytes], times: int) -> int:
    """Write the lines of a file and the copies of those that have some."""
    number = 0
    with origin.open(encoding="utf-8") as lines:
        for line in lines:
            for one in multiplied(line, times):
                to.write(one.encode())
                number += 1
    return number


def multiplied(line: str, times: int) -> Iterator[str]:
    """Yield a line of N-Quads and its copies, which name copies; one that names nothing copied has none."""
    if not _COPIED.search(line):
        yield _COUNT.sub(lambda found: f'{found[1]}{int(found[2]) * times}"', line)
        return
    yield line
    for copy in range(1, times):
        yield _LABEL.sub(rf'\1 ({copy})"', _COPIED.sub(rf"\1x{copy}-", line))


def copies(entry: Entry, times: int) -> Iterator[Entry]:
    """Yield an entry of the search index and its copies, if it has any."""
    if not _COPIED.search(entry.iri):
        yield replace(entry, uses=entry.uses * times)
        return
    yield entry
    for copy in range(1, times):
        names = tuple(Name(renamed(name, copy), name.role, name.term) for name in entry.names)
        yield replace(entry, iri=_COPIED.sub(rf"\1x{copy}-", entry.iri), names=names)


def renamed(name: Name, copy: int) -> str:
    """Return the name of a copy."""
    kind, slash, slug = name.text.partition("/")
    return f"{kind}/x{copy}-{slug}" if name.role == "id" and slash else f"{name.text} ({copy})"


def write_manifest(snapshot: Snapshot, folder: Path, times: int, triples: int) -> None:
    """Write the manifest of the folder: the digests of its files, and the counts."""
    graphs: dict[str, Any] = {}
    for name, number in snapshot.counts["graphs"].items():
        is_source = name.startswith("source/")
        graphs[name] = number
        if is_source:
            graphs |= {name.replace("source/", f"source/x{copy}-"): number for copy in range(1, times)}
    counts = snapshot.counts | {name: snapshot.counts[name] * times for name in _GROWING}
    counts |= {"triples": triples, "graphs": graphs}
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): sha256(path) for path in paths}
    manifest = snapshot.manifest | {"version": folder.name, "counts": counts, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
