"""The workers of a step of SLURM, as `--distribute multi_worker` finds them."""

import json

import pytest

from latentshot.training.cluster import tf_config_of_slurm

STEP = {
    "SLURM_JOB_ID": "20017",
    "SLURM_PROCID": "2",
    "SLURM_STEP_NUM_TASKS": "4",
    "SLURM_STEP_NODELIST": "node[07-08]",
    "SLURM_STEP_TASKS_PER_NODE": "2(x2)",
    "SLURMD_NODENAME": "node08",
}


@pytest.fixture
def step(monkeypatch):
    for name, value in STEP.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_tasks_of_a_step_are_the_workers_though_no_node_has_a_gpu(step):
    config = json.loads(tf_config_of_slurm())
    assert config["cluster"] == {"worker": ["node07:10017", "node07:10018", "node08:10017", "node08:10018"]}
    assert config["task"] == {"type": "worker", "index": 2}


def test_a_task_that_lies_elsewhere_than_tensorflow_supposes_is_told(step):
    step.setenv("SLURM_STEP_NODELIST", "node[9-10]")  # by name node10 is the first
    step.setenv("SLURMD_NODENAME", "node10")
    with pytest.raises(ValueError, match=r"task 2 runs on node10, and TensorFlow.* supposes node9: .*block.*TF_CONFIG"):
        tf_config_of_slurm()


@pytest.mark.parametrize(
    ("name", "value"), [("SLURM_STEP_NUM_TASKS", None), ("SLURM_STEP_NODELIST", "a[b"), ("SLURM_STEP_NUM_TASKS", "3")]
)
def test_an_environment_that_is_not_a_steps_is_told(step, name, value):
    step.setenv(name, value) if value else step.delenv(name)
    with pytest.raises(ValueError, match=r"SLURM's environment is not that of a step .*: start the workers by srun"):
        tf_config_of_slurm()
