"""The devices that a command runs on, and where each process of several writes."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import tensorflow as tf

from .distribution import n_devices

Config = TypeVar("Config")


@contextmanager
def on_devices(config: Config) -> Iterator[Config]:
    """The scope in which models are built and trained, with the config for this process.

    config.distribute: None; `mirrored`, over all GPUs of this process, or its CPU devices where it has no GPU; or
        `multi_worker`, over the processes that TF_CONFIG names.
    Of several processes the chief writes to the config's run directory. The others read a copy of what is there at the
    start, and what they write is thrown away.
    Raises RuntimeError where another process is gone, and ValueError for a TF_CONFIG that cannot be used.
    """
    settings: Any = config
    if settings.distribute is None:
        yield config
        return
    strategy = mirrored() if settings.distribute == "mirrored" else tf.distribute.MultiWorkerMirroredStrategy()
    print(f"devices: {strategy.num_replicas_in_sync}")
    try:
        with strategy.scope(), _own_folder(strategy, settings.run_dir) as run_dir:
            yield dataclasses.replace(settings, run_dir=run_dir)
            if run_dir != settings.run_dir:
                print(f"of this worker nothing is kept: the chief writes {settings.run_dir}")
    except tf.errors.UnavailableError as error:
        raise RuntimeError(
            "another worker is gone, so the job has stopped. Start all workers again with --resume to go on from the "
            f"last checkpoint ({str(error).partition(chr(10))[0]})"
        ) from error


def check_sharing(**sizes: int) -> None:
    """Raises ValueError for the first batch size that the devices cannot share evenly."""
    for name, size in sizes.items():
        if size % n_devices():
            raise ValueError(f"{name} is {size}, which {n_devices()} devices cannot share: give a multiple")


def mirrored() -> tf.distribute.Strategy:
    if tf.config.list_logical_devices("GPU"):
        return tf.distribute.MirroredStrategy()
    # the collective operations that would add CPU devices' gradients up cannot normalize batches across them
    cpus = [device.name for device in tf.config.list_logical_devices("CPU")]
    return tf.distribute.MirroredStrategy(cpus, cross_device_ops=tf.distribute.ReductionToOneDevice())


@contextmanager
def _own_folder(strategy: tf.distribute.Strategy, run_dir: Path) -> Iterator[Path]:
    resolver = strategy.cluster_resolver
    is_chief = resolver is None or not resolver.task_id or resolver.task_type == "chief"
    with tempfile.TemporaryDirectory(prefix="latentshot-worker-") as folder:
        own = run_dir if is_chief else Path(folder) / run_dir.name
        if not is_chief and run_dir.exists():
            shutil.copytree(run_dir, own)
        # nobody writes before all have copied
        strategy.reduce("SUM", strategy.run(lambda: tf.ones(())), axis=None)
        yield own
