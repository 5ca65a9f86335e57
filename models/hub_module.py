"""From a handle to a TF-Hub module: a folder, or a download that TF-Hub keeps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import tensorflow as tf

from ..training.checksums import folder_digest
from .hub_randomness import without_chance


def load_module(handle: str) -> Any:
    """The module, with its `signatures`; of one in the TF1 format the graph for inference.

    handle: a folder, or a URL, whose copy TF-Hub keeps under TFHUB_CACHE_DIR. A copy that does not load, such as one
    that lost its saved_model.pb when temporary folders were cleaned, is named and fetched again.
    Raises ValueError for a folder that holds no module, RuntimeError, with the ways out, where a download fails.
    """
    folder = handle.removeprefix("file://")
    if "://" not in folder:
        return _load(str(Path(folder).expanduser()))
    copy = _fetch(handle)
    try:
        return _load(copy)
    except ValueError as error:
        if copy.rstrip("/") == handle.rstrip("/"):  # where it lies itself, as in a bucket
            raise
        print(f"{copy}, the copy of {handle}, cannot be loaded and is fetched again: {error}", file=sys.stderr)
        return _load(_fetch_again(handle, copy))


def _fetch_again(handle: str, copy: str) -> str:
    """The folder of a new copy; the old one goes when that is there."""
    old = f"{copy.rstrip('/')}-damaged"
    try:
        if tf.io.gfile.exists(old):
            tf.io.gfile.rmtree(old)
        tf.io.gfile.rename(copy, old)
    except tf.errors.OpError as error:
        raise ValueError(f"{copy} cannot be replaced ({error.message}): name another TFHUB_CACHE_DIR") from error
    try:
        found = _fetch(handle)
    except RuntimeError:
        tf.io.gfile.rename(old, copy)
        raise
    tf.io.gfile.rmtree(old)
    return found


def _load(folder: str) -> Any:
    """The module, with a `files_digest`. Raises ValueError for a folder without a module, or with a damaged one."""
    if not any(tf.io.gfile.exists(f"{folder}/{name}") for name in ("saved_model.pb", "saved_model.pbtxt")):
        raise ValueError(f"{folder} holds no TF-Hub module: it has no saved_model.pb")
    with without_chance(folder) as place:
        try:
            module = _either_format(place)
        except Exception as error:  # TensorFlow raises many kinds for what is damaged
            reason = str(error).strip().partition("\n")[0]
            if not tf.io.gfile.exists(f"{folder}/variables/variables.index"):
                reason = "it has no variables/variables.index; copy the whole folder"
            raise ValueError(f"{folder} cannot be loaded as a TF-Hub module: {reason}") from error
    module.files_digest = folder_digest(Path(folder))
    return module


def _either_format(folder: str) -> Any:
    import tensorflow_hub as hub

    try:
        return hub.load(folder, tags=[])  # of a TF1 module's two graphs, the one that is not for training
    except Exception:  # of many kinds; if it is neither, the next line says what is wrong
        return hub.load(folder)  # a SavedModel of TensorFlow 2


def _fetch(handle: str) -> str:
    import tensorflow_hub as hub

    try:
        return hub.resolve(handle)
    except Exception as error:  # whatever the download raises, the ways out are the same
        raise RuntimeError(
            f"{handle} is not on this machine and could not be downloaded ({type(error).__name__}: {error}). "
            "Ways out: run once with a network (TFHUB_CACHE_DIR names the folder where TF-Hub keeps its copies); or "
            "unpack a copy by hand and name its folder: --generator progan:FOLDER, bigbigan:FOLDER or hub:FOLDER"
        ) from error
