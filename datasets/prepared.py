"""A dataset of TensorFlow Datasets that lies ready on this machine, downloaded where it must be."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any


def prepared_builder(name: str, source: str, data_dir: str | Path | None, instead: str) -> Any:
    """The `tfds.core.DatasetBuilder` of that name, its data prepared.

    source: an address of the download's host. data_dir: where the copy lies or goes; None means `$TFDS_DATA_DIR` or
    TFDS's own default. instead: what else the user could do, for the error.
    Raises RuntimeError, with the ways out, where there is neither a prepared copy nor a network to download it.
    """
    import tensorflow_datasets as tfds

    builder = tfds.builder(name, data_dir=data_dir)
    try:
        if not builder.is_prepared():
            # Asked first, because without a network TFDS retries for many minutes.
            urllib.request.urlopen(source, timeout=20).close()
        builder.download_and_prepare()
    except Exception as error:  # whatever the download raises, the ways out are the same
        raise RuntimeError(
            f"{name} is not prepared under {builder.data_dir} and could not be downloaded "
            f"({type(error).__name__}: {error}). Ways out: run once with a network; or name the folder of a prepared "
            f"copy with --data-dir or TFDS_DATA_DIR (the folder that holds {name}/{builder.version}); or {instead}"
        ) from error
    return builder
