"""The documentation's site has a reference of every public name, and asks for nothing from elsewhere."""

import os
import re
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import latentshot as ls

ROOT = Path(__file__).resolve().parent.parent
MISSING = [name for name in ("mkdocs", "material", "mkdocstrings", "griffe", "jupytext") if find_spec(name) is None]
ASKED_FOR = r'<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)="?((?:https?:)?//[^"\s>]+)'


def test_every_public_name_is_in_the_reference_and_every_page_of_it_in_the_menu():
    pages = runpy.run_path(str(ROOT / "docs" / "site" / "reference_pages.py"))["reference_pages"]()
    named = re.findall(r"^::: latentshot\.\S+\.(\w+)$", "\n".join(pages.values()), re.MULTILINE)
    assert sorted(named) == ls.__all__
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert all(f"- reference/{room}.md\n" in menu for room in pages)


def test_every_page_of_results_is_in_the_menu():
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (ROOT / "docs" / "results").glob("*.md"):
        assert f": results/{page.name}\n" in menu, page.name


@pytest.mark.skipif(bool(MISSING), reason=f"needs the extra `docs`: {', '.join(MISSING)} not installed")
def test_the_site_builds_without_warnings_and_asks_for_nothing_from_elsewhere(tmp_path):
    package = tmp_path / ".venv" / "typing"
    package.mkdir(parents=True)
    (package / "latentshot").symlink_to(ROOT)
    for part in ("README.md", "RESULTS.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "examples", "mkdocs.yml"):
        (tmp_path / part).symlink_to(ROOT / part)
    paths = os.pathsep.join([str(package), *filter(None, sys.path)])
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": paths, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    pages = {page: page.read_text(encoding="utf-8") for page in (tmp_path / "site").rglob("*.html")}
    reference = "".join(text for page, text in pages.items() if page.parent.name == "reference")
    for name in ls.__all__:
        assert re.search(rf'id="latentshot\.[\w.]+\.{name}"', reference), name
    for page, text in pages.items():
        canonical = re.sub(r'<link rel="canonical"[^>]*>', "", text)
        assert re.findall(ASKED_FOR, canonical) == [], page
