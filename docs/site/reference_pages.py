"""The reference: a page a room, a directive a public name; mkdocstrings fills them from the docstrings."""

from collections import defaultdict

import latentshot

TITLES = {
    "lasium": "Few-shot learning: LASIUM",
    "glico": "Small samples: GLICO",
    "models": "Networks",
    "datasets": "Images",
    "estimators": "Trained learners in use",
}


def reference_pages():
    """Markdown by the name of the page's room."""
    directives = defaultdict(list)
    for name, home in latentshot._HOME.items():
        directives[home.partition(".")[0]].append(f"::: latentshot.{home}.{name}")
    return {room: "\n\n".join([f"# {TITLES[room]}", *of_room]) for room, of_room in directives.items()}
