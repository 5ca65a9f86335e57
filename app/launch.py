"""From a run or an export to its page on this machine."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from ..datasets.registry import LETTERS
from ..estimators.classifier import ImageClassifier
from ..estimators.load import load_learner
from ..experiment.run_directory import RunDirectory
from . import ink, uploads

HOST = "127.0.0.1"
NEEDS = "the page takes gradio: pip install 'latentshot[app]'"
STYLE = Path(__file__).with_name("style.css")


def serve(path: Path, port: int | None, browser: bool) -> None:
    """Shows the learner of a run, or of the folder of an export, until the process is interrupted.

    port: the first free one from 7860 for None. browser: open the page there too, where there is a screen.
    Raises ValueError for a path without a learner, without Gradio, and for a port that is in use.
    """
    with served(path, port) as address:
        print(f"the page is at {address} for this machine alone; Ctrl-C ends it", flush=True)
        if browser and _has_screen():
            webbrowser.open(address)
        threading.Event().wait()


@contextmanager
def served(path: Path, port: int | None = None) -> Iterator[str]:
    """The address of the page, for as long as the block runs; what was uploaded is removed after it."""
    with tempfile.TemporaryDirectory(prefix="latentshot-") as folder:
        # Gradio reads these as it is imported
        os.environ |= {"GRADIO_TEMP_DIR": folder, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
        page = build_page(path)
        try:
            _, address, _ = page.launch(
                server_name=HOST,
                server_port=port,
                share=False,
                prevent_thread_lock=True,
                quiet=True,
                max_file_size=uploads.MOST_BYTES,
                footer_links=[],
                run_history=False,
                enable_monitoring=False,
                ssr_mode=False,
                mcp_server=False,
                pwa=False,
                css_paths=STYLE,
                theme=_theme(),
            )
        except OSError as error:
            which = f"port {port} of {HOST} is in use, or may not be used" if port else f"no port of {HOST} is free"
            raise ValueError(f"{which} ({error}): choose another --port") from error
        try:
            yield address
        finally:
            page.close(verbose=False)


def build_page(path: Path) -> Any:
    """The page of the learner at the path, not yet served: Gradio's Blocks."""
    fill = _filler(path)
    import gradio as gr

    # what was uploaded is removed after an hour, and all of it at the end
    with gr.Blocks(title=path.resolve().name, analytics_enabled=False, delete_cache=(600, 3600)) as page:
        fill()
    return page


def _filler(path: Path) -> Callable[[], None]:
    """What fills the page that Gradio has open, for the learner at the path."""
    try:
        from . import characters, glico, photographs
    except ModuleNotFoundError as error:
        raise ValueError(NEEDS) from error
    learner = load_learner(_chosen(path))
    dataset, shape = _dataset(path), learner.image_shape
    of_letters = dataset in LETTERS if dataset else shape[2] == 1
    hand = ink.HANDS.get(dataset, ink.ANY_HAND)
    if isinstance(learner, ImageClassifier):
        read = uploads.letter(shape, hand) if of_letters else uploads.photograph(shape)
        return partial(glico.glico, learner, read, of_letters)
    if of_letters:
        return partial(characters.characters, learner, hand)
    return partial(photographs.photographs, learner)


def _theme() -> Any:
    import gradio as gr

    return gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])


def _chosen(path: Path) -> Path:
    """Of a run with several classifiers the first that makes images."""
    export = path / "export" if (path / "export").is_dir() else path
    found = sorted(file.parent for file in export.glob("*-per-class/*/saved_model.pb"))
    makers = [folder for folder in found if "glico" in folder.name.split("+")]
    if len(found) < 2:
        return path
    chosen = (makers or found)[0]
    print(f"of {len(found)} classifiers this is {chosen}; name the folder of another to see it", file=sys.stderr)
    return chosen


def _dataset(path: Path) -> str:
    """That of the run in which the path lies; empty of an export that was taken elsewhere."""
    for folder in (path, *path.resolve().parents[:3]):
        with suppress(ValueError):  # no run's, or another project's config.json
            return RunDirectory(folder).config().get("dataset", "")
    return ""


def _has_screen() -> bool:
    """Without one, a browser in the terminal would open in its place."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))
