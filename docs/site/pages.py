"""What the site has beside docs/: the pages of the root, the examples as pages, and the reference.

A hook of MkDocs: https://www.mkdocs.org/user-guide/configuration/#hooks
"""

import os
import re
from pathlib import Path, PurePosixPath

import jupytext
from mkdocs.structure.files import File
from reference_pages import reference_pages

ROOT = Path(__file__).resolve().parent.parent.parent
AT_THE_ROOT = {"README.md": "index.md", **{name: name for name in ("RESULTS.md", "CONTRIBUTING.md", "CHANGELOG.md")}}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]*)(#[^)\s]*)?\)")


def on_files(files, config):
    for source, page in AT_THE_ROOT.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    for script in sorted((ROOT / "examples").glob("*.py")):
        notebook = jupytext.read(script)
        notebook.metadata = {}
        page = jupytext.writes(notebook, fmt="md")
        files.append(File.generated(config, f"examples/{script.stem}.md", content=page))
    for room, page in reference_pages().items():
        files.append(File.generated(config, f"reference/{room}.md", content=page))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links lead where the repository's files are in the site; what it does not hold stays as plain text."""
    here = _in_repository(page.file.src_uri).parent

    def to_the_site(link):
        picture, text, target, part = link.groups()
        if not target or "://" in target or target.startswith("mailto:"):
            return link[0]
        place = _in_site(PurePosixPath(os.path.normpath(here / target)))
        if files.get_file_from_path(str(place)) is None:
            return text
        relative = os.path.relpath(place, PurePosixPath(page.file.src_uri).parent)
        return f"{picture}[{text}]({relative}{part or ''})"

    return LINK.sub(to_the_site, markdown)


def _in_repository(page):
    path = PurePosixPath(page)
    for source, of_root in AT_THE_ROOT.items():
        if page == of_root:
            return PurePosixPath(source)
    return path.with_suffix(".py") if path.parts[0] == "examples" else PurePosixPath("docs") / path


def _in_site(path):
    if str(path) in AT_THE_ROOT:
        return PurePosixPath(AT_THE_ROOT[str(path)])
    if path.parts[0] == "examples":
        return path.with_suffix(".md")
    return path.relative_to("docs") if path.parts[0] == "docs" else path
