"""What setup.cfg cannot say: a wheel holds the ontology and the records inside the package, and the pages' scripts."""

from pathlib import Path
from shutil import copytree, rmtree

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildPy(build_py):
    """Builds the packages as ever; an editable install leaves all files where they are."""

    def run(self) -> None:
        """Copy modules and package data, then the two folders that stand beside the package in a checkout."""
        if self.editable_mode:
            super().run()
            return
        if not Path("api/static/bundle/site.js").is_file():
            raise SystemExit("calcikg: the scripts of the pages are not built; run `make wheel` and install dist/*.whl")
        rmtree(self.build_lib, ignore_errors=True)  # files that have since been removed would go into the wheel
        super().run()
        for folder in ("ontology", "seeds"):
            copytree(folder, Path(self.build_lib, "kg", folder))


setup(cmdclass={"build_py": BuildPy})
