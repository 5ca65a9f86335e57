import os
import subprocess
import sys

import pytest

from latentshot.lasium.experiment.config import suited_kernels
from latentshot.training.cpu_kernels import (
    KERNELS,
    THREADS,
    choose_cpu_kernels,
    environment_for_large_operations,
)

UNSET = {name: value for name, value in os.environ.items() if name not in (KERNELS, THREADS)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("downsampling", "onednn", "of_a_generator"), [("stride", False, {KERNELS: "1"}), (None, True, {})]
)
def test_a_process_knows_whose_kernels_compute_in_it_and_what_another_needs(downsampling, onednn, of_a_generator):
    learner = "maml" if downsampling else "protonets"
    code = f"""
from latentshot.lasium.experiment.config import suited_kernels
from latentshot.training.cpu_kernels import choose_cpu_kernels, environment_for_large_operations, onednn_computes
choose_cpu_kernels(**suited_kernels({learner!r}, {downsampling!r}))
import tensorflow
assert onednn_computes() is {onednn}
assert environment_for_large_operations() == {of_a_generator}
"""
    subprocess.run([sys.executable, "-c", code], check=True, env=UNSET)


@pytest.mark.parametrize(
    ("downsampling", "of_the_user", "expected"),
    [
        ("stride", {}, {KERNELS: "1"}),
        ("max_pool", {}, {THREADS: "0"}),
        ("stride", {KERNELS: "0"}, {}),
        ("max_pool", {THREADS: "1"}, {}),
    ],
)
def test_a_generator_is_given_what_was_taken_from_its_run_for_the_learner_s_sake(
    downsampling, of_the_user, expected, monkeypatch
):
    for name in (KERNELS, THREADS):
        monkeypatch.setenv(name, "")  # so that it is set back at the end
        monkeypatch.delenv(name)
    for name, value in of_the_user.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("latentshot.training.cpu_kernels._chosen_here", {})
    monkeypatch.setattr("latentshot.training.cpu_kernels.onednn_computes", lambda: os.environ.get(KERNELS) == "1")
    with monkeypatch.context() as before_tensorflow:
        before_tensorflow.delitem(sys.modules, "tensorflow")
        choose_cpu_kernels(**suited_kernels("maml", downsampling))
    assert environment_for_large_operations() == expected


def test_adapting_to_small_maps_is_what_oneDNN_is_no_good_for():
    assert suited_kernels("maml", "stride") == suited_kernels("scratch", "stride") == {"onednn": False}
    assert suited_kernels("maml", "max_pool") == {"onednn": True, "two_at_a_time": True}
    assert suited_kernels("protonets", "stride") == {"onednn": True}
    assert suited_kernels(None) == {"onednn": True}  # a run of bin/train_generator.py


def test_kernels_are_chosen_before_tensorflow_is_imported_and_the_user_s_choice_wins(monkeypatch):
    monkeypatch.setattr("latentshot.training.cpu_kernels._chosen_here", {})
    monkeypatch.setenv(KERNELS, "0")
    monkeypatch.setenv(THREADS, "2")  # so that it is set back at the end
    monkeypatch.delenv(THREADS)
    choose_cpu_kernels(onednn=True, two_at_a_time=True)
    assert os.environ[KERNELS] == "0"
    monkeypatch.delenv(KERNELS)
    choose_cpu_kernels(onednn=True, two_at_a_time=True)
    assert not {KERNELS, THREADS} & os.environ.keys()  # TensorFlow is there: no effect but on children
    monkeypatch.delitem(sys.modules, "tensorflow")
    monkeypatch.setattr("latentshot.training.cpu_kernels.n_threads", lambda: 6)
    choose_cpu_kernels(onednn=True, two_at_a_time=True)
    assert (os.environ[KERNELS], os.environ[THREADS]) == ("1", "3")
    monkeypatch.setattr("latentshot.training.cpu_kernels._chosen_here", {})
    monkeypatch.setenv(KERNELS, "0")
    monkeypatch.setenv(THREADS, "2")
    choose_cpu_kernels(onednn=True, two_at_a_time=True)
    assert (os.environ[KERNELS], os.environ[THREADS]) == ("0", "2")
