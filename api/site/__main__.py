"""Runs ``python -m api.site FOLDER``, as ``kg export site`` does."""

import argparse
import re
import sys
import time
from pathlib import Path

from rich.console import Console

from api.site.writing import write
from kg.errors import KgError


def main(arguments: list[str]) -> int:
    """Write the twin; an error is one sentence and 1."""
    parser = argparse.ArgumentParser(prog="kg export site", description="Write the application as a folder of files.")
    parser.add_argument("folder", type=Path, help="folder to write; one that was made here is replaced")
    parser.add_argument("--data", type=Path, required=True, help="folder of the snapshots")
    parser.add_argument("--base", help="address of the running service, to link to where a copy cannot do")
    given = parser.parse_args(arguments)
    if given.base is not None and not re.fullmatch(r"https?://[^\s?#]+", given.base):
        parser.error(f"--base {given.base} is not the address of a service, such as https://kg.example.org/")
    live = f"{given.base.rstrip('/')}/" if given.base else None
    console = Console(stderr=True)
    began = time.monotonic()
    try:
        if console.is_terminal:
            with console.status("reading the snapshot") as status:
                number = write(given.folder, given.data, live, status.update)
            console.print(f"{number:,} files in {given.folder}, in {time.monotonic() - began:.0f} s")
        else:
            write(given.folder, given.data, live, lambda _: None)
    except KeyboardInterrupt:
        return 130
    except KgError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
