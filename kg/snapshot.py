"""A snapshot: the frozen, hashed result of a build, and how to open one.

DATA/snapshots/VERSION/   one folder a snapshot, never changed once it is there
    dataset.nq            every quad but those of the graph metadata, sorted
    metadata.nq           the graph metadata: the description of the dataset, with that file's digest
    context.jsonld        the JSON-LD context of the records
    search/               the search index of all names
    ontology.html         the ontology for people; ontology.ttl, .rdf, .jsonld and .nt for machines
    manifest.json         version, counts, and the SHA-256 of every file above and of every input
    store/                the dataset once more, as a store on disk; it may come later, unless memory cannot hold it
    exports/              the exports, whole, one file a format, and their SHA-256; they may come later, all at once
DATA/current              a link to the newest
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.engine import Engine, ServiceClient, stores
from kg.engine.embedded import EmbeddedEngine
from kg.errors import SnapshotError
from kg.files import whole_folder
from kg.search import Index

if TYPE_CHECKING:
    from rdflib import Dataset

DATASET = "dataset.nq"
METADATA = "metadata.nq"
CONTEXT = "context.jsonld"
MANIFEST = "manifest.json"
SEARCH = "search"
STORE = "store"
EXPORTED = "exports"


@dataclass(frozen=True)
class Snapshot:
    """One frozen dataset on disk."""

    path: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, data: Path) -> "Snapshot":
        """Open the current snapshot of a data folder, after checking its files against its manifest.

        Raises SnapshotError when there is none, or when a file differs.
        """
        return cls.read((data / "current").resolve()).checked()

    @classmethod
    def last_whole(cls, data: Path) -> "Snapshot":
        """Open the current snapshot of a data folder or, if it is missing or damaged, the newest that is whole.

        Raises SnapshotError when none is.
        """
        try:
            return cls.open(data)
        except (SnapshotError, OSError):
            for snapshot in cls.all(data):
                with suppress(SnapshotError, OSError):
                    return snapshot.checked()
            raise

    @classmethod
    def find(cls, data: Path, name: str) -> "Snapshot":
        """Open a snapshot by its version in a data folder, as ``current``, or by a folder: its own or one of data.

        Raises SnapshotError when there is none, or when a file differs.
        """
        for place in (data / "snapshots" / name, data / name, Path(name), Path(name, "current")):
            if (place / MANIFEST).is_file():
                return cls.read(place.resolve()).checked()
        raise SnapshotError(f"there is no snapshot {name!r} in {data}, and it is no folder of one")

    @classmethod
    def all(cls, data: Path) -> "list[Snapshot]":
        """Read the manifests of all snapshots that a data folder holds, the newest first; none that is damaged."""
        found = []
        for path in (data / "snapshots").glob(f"[!.]*/{MANIFEST}"):
            with suppress(SnapshotError, FileNotFoundError):  # a build may just remove it
                found.append((path.parent.stat().st_mtime, cls.read(path.parent)))
        return [snapshot for _, snapshot in sorted(found, key=lambda each: each[0], reverse=True)]

    @classmethod
    def read(cls, path: Path) -> "Snapshot":
        """Read the manifest of a snapshot's folder, without looking at its other files."""
        try:
            manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
            if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
                raise ValueError
        except FileNotFoundError:
            raise SnapshotError(f"there is no snapshot in {path}; run `kg build`") from None
        except ValueError:
            raise SnapshotError(f"the manifest of {path} is damaged; run `kg build`") from None
        return cls(path, manifest)

    def checked(self, *, exports: bool = False) -> "Snapshot":
        """Return the snapshot. Raises SnapshotError when a file differs from the manifest.

        The ``exports``, which are four times as large, are else checked when they are read.
        """
        if METADATA not in self.manifest["files"]:
            raise SnapshotError(f"{self.path} was built by another version of calcikg; run `kg build`")
        for name, expected in (self.manifest["files"] | (self.exported if exports else {})).items():
            file = self.path / name
            if not file.is_file() or sha256(file) != expected:
                raise SnapshotError(f"{file} is missing or differs from its manifest; run `kg build`")
        return self

    @property
    def version(self) -> str:
        """The name of the snapshot, made from its content."""
        return str(self.manifest["version"])

    @property
    def counts(self) -> dict[str, Any]:
        """How many triples, findings, entities, sources and mappings it holds."""
        counts: dict[str, Any] = self.manifest["counts"]
        return counts

    @property
    def exported(self) -> dict[str, str]:
        """The SHA-256 of each export, by its file; empty until they are there, which may be after the snapshot is."""
        try:
            digests: dict[str, str] = json.loads((self.path / EXPORTED / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise SnapshotError(f"the manifest of {self.path / EXPORTED} is damaged; run `kg build`") from None
        return digests

    def engine(self, service: ServiceClient | None = None, *, rewrite: bool = False, at_once: bool = False) -> Engine:
        """Return the embedded engine over the snapshot; ``service`` sends queries to SERVICE endpoints.

        With ``rewrite`` queries that it does badly are rewritten. What answers ``at_once`` reads from disk, if it can:
        that is slower, but need not be loaded.
        """
        if self.on_disk or (at_once and self.has_store()):
            return EmbeddedEngine.open(self.path / STORE, service=service, rewrite=rewrite)
        return EmbeddedEngine.from_files(self.quads, service=service, rewrite=rewrite)

    @property
    def quads(self) -> tuple[Path, ...]:
        """The files that hold the dataset: its data, and its description."""
        return self.path / DATASET, self.path / METADATA

    @property
    def on_disk(self) -> bool:
        """Whether the dataset is too large for memory, and is only read from its store on disk."""
        return bool(self.manifest.get("on_disk"))

    def has_store(self) -> bool:
        """Tell whether the dataset is there as a store on disk, too."""
        return (self.path / STORE).is_dir()

    def write_store(self) -> None:
        """Write the dataset as a store on disk, from which a service answers before it has loaded the dataset."""
        if not self.has_store():
            with whole_folder(self.path / STORE) as folder:
                stores.write(folder, self.quads, union=True)
                stores.finish(folder)

    def description(self) -> Engine:
        """Return an engine over the graph ``metadata`` alone, which is small enough to ask without a worker."""
        return EmbeddedEngine.from_files([self.path / METADATA])

    @cached_property
    def search_index(self) -> Index:
        """The search index, opened when it is first asked for.

        Raises SnapshotError when it cannot be read, or when the snapshot was built before there was one.
        """
        return Index.open(self.path / SEARCH)

    def to_rdflib(self) -> "Dataset":
        """Return the snapshot as an rdflib dataset, for users of that library."""
        from rdflib import Dataset

        dataset = Dataset(default_union=True)
        for path in self.quads:
            dataset.parse(path, format="nquads")
        return dataset


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
