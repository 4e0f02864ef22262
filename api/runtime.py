"""Where the processes of a service meet: a folder that says which snapshot is served, and by which workers.

    FOLDER/NAME.sock     the socket of the workers over the snapshot NAME
    FOLDER/NAME.data     a link to the folder of that snapshot; absent when plain files are served
    FOLDER/NAME.ended    a byte for each worker over that snapshot that has ended and was replaced
    FOLDER/metrics       the counts of the web processes
    FOLDER/current       a link to NAME.sock of the snapshot that is served now

The supervisor writes it, the web processes read it at each request: so every request is answered from one snapshot,
and a new one is taken up without a restart.
"""

from dataclasses import dataclass
from pathlib import Path

#: The environment variable by which the supervisor tells the web processes where the folder is.
VARIABLE = "KG_RUNTIME"


@dataclass(frozen=True)
class Runtime:
    """The meeting place."""

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
