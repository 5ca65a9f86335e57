"""The rooms stay in order: each says what lives there, and no file grows long. (`make lint` holds the imports.)"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["lasium", "glico", "models", "datasets", "training", "experiment", "estimators", "app", "bin"]
MOST_LINES = 250


def sources():
    return [file for room in [*ROOMS, "benchmarks", "tests"] for file in (ROOT / room).rglob("*.py")]


def folders():
    return sorted({str(file.parent.relative_to(ROOT)) for room in ROOMS for file in (ROOT / room).rglob("*.py")})


@pytest.mark.parametrize("folder", folders())
def test_every_room_says_what_lives_there_and_what_it_may_import(folder):
    text = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text(encoding="utf-8")))
    assert text, f"{folder}/__init__.py has no docstring"
    assert len([line for line in text.splitlines() if line]) >= 3
    assert "Imports" in text


def test_no_file_has_more_than_250_lines():
    long = {
        file.name: n for file in sources() if (n := len(file.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_every_command_is_listed_in_the_documentation_and_installed():
    documented = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    installed = (ROOT / "setup.py").read_text(encoding="utf-8")
    for command in (ROOT / "bin").glob("[a-z]*.py"):
        assert f"`bin/{command.name}" in documented
        assert f"latentshot.bin.{command.stem}:main" in installed


def test_links_between_the_pages_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}, which is not there"
