"""The devices that a command runs on, and where each process of several writes."""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import tensorflow as tf

from .cluster import check_tf_config, in_slurm_step, tf_config_of_slurm
from .distribution import n_devices

Config = TypeVar("Config")


@contextmanager
def on_devices(config: Config) -> Iterator[Config]:
    """The scope in which models are built and trained, with the config for this process.

    config.distribute: None; `mirrored`, over all GPUs of this process, or its CPU devices where it has no GPU; or
        `multi_worker`, over the processes that TF_CONFIG names, or those of a step of SLURM.
    Of several processes the chief writes to the config's run directory. The others read a copy of what is there at the
    start, and of what they write only the cache is kept.
    Raises ValueError for a single device, for no cluster, and for workers that see different run directories, and
    RuntimeError where another process is gone.
    """
    settings: Any = config
    if settings.distribute is None:
        yield config
        return
    strategy = mirrored() if settings.distribute == "mirrored" else _multi_worker()
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
    """Over the GPUs of this process, or its CPU devices. Raises ValueError for a single one."""
    devices = [device.name for kind in ("GPU", "CPU") for device in tf.config.list_logical_devices(kind)]
    on_gpus = any("GPU" in name for name in devices)
    devices = [name for name in devices if "GPU" in name or not on_gpus]
    if len(devices) < 2:
        raise ValueError(f"distribute mirrored needs several devices, and this process has {devices[0]} alone")
    # MirroredStrategy's collective operations on CPUs cannot synchronize batch normalization
    return tf.distribute.MirroredStrategy(devices, None if on_gpus else tf.distribute.ReductionToOneDevice())


def _multi_worker() -> tf.distribute.Strategy:
    if "TF_CONFIG" not in os.environ and in_slurm_step():
        os.environ["TF_CONFIG"] = tf_config_of_slurm()
    if "TF_CONFIG" not in os.environ:
        raise ValueError(
            "distribute multi_worker needs SLURM's srun, or TF_CONFIG in the environment (docs/clusters.md): "
            "https://www.tensorflow.org/guide/distributed_training#setting_up_the_tf_config_environment_variable"
        )
    check_tf_config(os.environ["TF_CONFIG"])
    return tf.distribute.MultiWorkerMirroredStrategy()


@contextmanager
def _own_folder(strategy: tf.distribute.Strategy, run_dir: Path) -> Iterator[Path]:
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        yield run_dir
        return
    with tempfile.TemporaryDirectory(prefix="latentshot-worker-") as folder:
        own = run_dir if _is_chief(strategy.cluster_resolver) else Path(folder) / run_dir.name
        if own != run_dir and run_dir.exists():
            shutil.copytree(run_dir, own)
        # A sum over workers waits for all of them, so nobody writes before everybody has copied.
        files = sum(1 for _ in own.rglob("*"))
        everybody = float(strategy.reduce("SUM", strategy.run(lambda: tf.constant(float(files))), axis=None))
        if everybody != files * strategy.num_replicas_in_sync:
            raise ValueError(f"the workers do not see the same {run_dir}: it must be on a file system that they share")
        yield own


def _is_chief(resolver: tf.distribute.cluster_resolver.ClusterResolver) -> bool:
    """The task `chief`, or where the cluster has none the first worker."""
    if "chief" in resolver.cluster_spec().jobs:
        return resolver.task_type == "chief"
    return not resolver.task_id
