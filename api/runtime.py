"""Where the processes of a service meet."""

from dataclasses import dataclass
from pathlib import Path

#: The environment variable in which the supervisor gives the web processes the folder of [Runtime][].
RUNTIME = "KG_RUNTIME"
#: In this variable it names the folder where they write their counts.
METRICS = "PROMETHEUS_MULTIPROC_DIR"
#: Slots beside those of KG_WORKERS, for queries that take no longer than KG_SHORT_TIMEOUT.
RESERVED = 2


@dataclass(frozen=True)
class Runtime:
    """The folder where the processes of a service meet: the supervisor writes it, the web processes read it.

        FOLDER/NAME.sock     the socket of the workers over the snapshot NAME
        FOLDER/NAME.data     a link to the folder of that snapshot; absent when plain files are served
        FOLDER/NAME.ended    a byte for each worker over that snapshot that has ended and was replaced
        FOLDER/metrics       the counts of the web processes
        FOLDER/current       a link to NAME.sock of the snapshot that is served now

    It is read at each request, so that every request is answered from one snapshot, and a new one is served without a
    restart.
    """

    folder: Path

    def socket(self, name: str) -> Path:
        """Return the address of the workers over a snapshot."""
        return self.folder / f"{name}.sock"

    def data(self, name: str) -> Path:
        """Return the link to the folder of a snapshot."""
        return self.folder / f"{name}.data"

    def restarts(self) -> int:
        """Return how many workers have ended and were replaced."""
        return sum(path.stat().st_size for path in self.folder.glob("*.ended"))

    def metrics(self) -> Path:
        """Return the folder in which the web processes put their counts together."""
        folder = self.folder / "metrics"
        folder.mkdir(exist_ok=True)
        return folder

    def publish(self, name: str, path: Path | None) -> None:
        """Serve another snapshot from now on; its workers have to be there."""
        if path is not None:
            link = self.data(name)
            link.unlink(missing_ok=True)
            link.symlink_to(path)
        fresh = self.folder / ".current-new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.socket(name).name)
        fresh.replace(self.folder / "current")

    def current(self) -> str:
        """Return the name of the snapshot that is served now."""
        return (self.folder / "current").readlink().stem
