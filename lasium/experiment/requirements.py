"""What a row of a recipe needs that is not on this machine. Imports no TensorFlow."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from ...datasets.availability import missing_data
from ...experiment.recipe import Options
from ...models.hub_handles import HANDLES
from .embedding_config import is_network


def missing(options: Options) -> str:
    """One line; empty where the row can run without a download. options: of the row, with data_dir."""
    generator = options.get("generator", "vae")
    lacking = [missing_data(options["dataset"], options.get("data_dir"))]
    embedding = options.get("embedding")
    if options.get("weights", "imagenet" if is_network(embedding) else None) == "imagenet":
        lacking.append(_missing_weights(embedding or options["network"]))
    meta_trains = options.get("learner", "maml") in ("maml", "protonets") and options.get("iterations") != 0
    if meta_trains and options.get("tasks", "synthetic") == "synthetic":
        lacking.append(_missing_module(generator))
    return "; ".join(filter(None, lacking))


def _missing_weights(network: str) -> str:
    """Keras keeps them in files that begin with the network's name: https://keras.io/api/applications."""
    cache = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    wanted = _bare(network.partition(":")[0])
    files = [_bare(file.name) for file in cache.glob("*no*top*")]
    if any(re.match(f"{wanted}[^v]", file) for file in files):  # mobilenet_v2 is another network than mobilenet
        return ""
    return f"ImageNet's weights of {network} (a download by Keras, or --options weights=FILE)"


def _bare(name: str) -> str:
    """resnet-50 and resnet50 are the same network."""
    return re.sub(r"[\W_]", "", name).lower()


def _missing_module(generator: str) -> str:
    kind, _, place = generator.partition(":")
    if kind not in HANDLES or place:
        return ""
    cache = Path(os.environ.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir()) / "tfhub_modules")
    # TF-Hub's own name for the copy: https://www.tensorflow.org/hub/caching
    if (cache / hashlib.sha1(HANDLES[kind].encode()).hexdigest()).is_dir():
        return ""
    return f"{kind} (a download by TF-Hub, or --options generator={kind}:FOLDER)"
