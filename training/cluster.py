"""The processes of a cluster, and which of them this one is: by TF_CONFIG, or by SLURM's environment."""

from __future__ import annotations

import json
import os

import tensorflow as tf

FIRST_PORT, N_PORTS = 10_000, 20_000  # below those that systems hand out themselves


def in_slurm_step() -> bool:
    """Has srun started this process?"""
    return "SLURM_STEP_NODELIST" in os.environ


def tf_config_of_slurm() -> str:
    """TF_CONFIG for the tasks of this step of SLURM (https://slurm.schedmd.com/srun.html).

    Ports follow from the job's number, so that two jobs on a node do not meet.
    Raises ValueError for an environment that is not a step's, and where tasks lie on the nodes in another order than
    TensorFlow supposes.
    """
    try:
        n_tasks = int(os.environ["SLURM_STEP_NUM_TASKS"])
        # The resolver divides a node's GPUs among its tasks and lists no task without one. SLURM has shown each task
        # its own already, so that any number as large as the tasks does.
        resolver = tf.distribute.cluster_resolver.SlurmClusterResolver(
            port_base=FIRST_PORT + int(os.environ.get("SLURM_JOB_ID", 0)) % N_PORTS,
            gpus_per_node=n_tasks,
            gpus_per_task=1,
            auto_set_gpu=False,
        )
        cluster = resolver.cluster_spec().as_dict()
    except (KeyError, RuntimeError, ValueError) as error:
        raise ValueError(f"SLURM's environment is not that of a step ({error}): start the workers by srun") from error
    kind, index = resolver.get_task_info()
    here, there = os.environ.get("SLURMD_NODENAME"), cluster[kind][index].rpartition(":")[0]
    if here and here != there:
        raise ValueError(
            f"task {index} runs on {here}, and TensorFlow, which sorts nodes by name, supposes {there}: start the "
            "workers by srun --distribution=block on nodes whose names have equal lengths, or give TF_CONFIG"
        )
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def check_tf_config(text: str) -> None:
    """Raises ValueError for what names no place of this process in a cluster."""
    try:
        value = json.loads(text)
        task = value["task"]
        value["cluster"][task["type"]][int(task["index"])]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(
            f"TF_CONFIG is {text[:80]!r}, which does not name this process's place in a cluster ({error!r}): give it "
            'as {"cluster": {"worker": ["HOST:PORT", ...]}, "task": {"type": "worker", "index": 0}}'
        ) from error
