"""Tries every step: ``cd tests && python -m crash``."""

import os
import sys
from pathlib import Path

import pytest

os.environ["KG_CRASH"] = "1"  # before the tests are imported
sys.exit(pytest.main(["--quiet", str(Path(__file__).parent), *sys.argv[1:]]))
