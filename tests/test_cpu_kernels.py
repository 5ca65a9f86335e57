import os
import subprocess
import sys

import pytest

from latentshot.lasium.experiment.config import suited_kernels
from latentshot.training.cpu_kernels import KERNELS, THREADS, choose_cpu_kernels

UNSET = {name: value for name, value in os.environ.items() if name not in (KERNELS, THREADS)}


@pytest.mark.parametrize("onednn", [False, True])
def test_a_process_knows_whose_kernels_compute_in_it(onednn):
    code = f"""
from latentshot.training.cpu_kernels import choose_cpu_kernels, onednn_computes
choose_cpu_kernels(onednn={onednn})
import tensorflow
assert onednn_computes() is {onednn}
"""
    subprocess.run([sys.executable, "-c", code], check=True, env=UNSET)


@pytest.mark.parametrize(
    ("downsampling", "of_the_user", "expected"),
    [
        ("stride", {}, {KERNELS: "1"}),
        ("max_pool", {}, {THREADS: "0"}),
        ("stride", {KERNELS: "0"}, {}),
        ("max_pool", {THREADS: "1"}, {}),
        (None, {}, {}),
    ],
)
def test_a_generator_is_given_what_was_taken_from_its_run_for_the_learner_s_sake(downsampling, of_the_user, expected):
    learner = "maml" if downsampling else "protonets"
    code = f"""
from latentshot.lasium.experiment.config import suited_kernels
from latentshot.training.cpu_kernels import choose_cpu_kernels, environment_for_large_operations
choose_cpu_kernels(**suited_kernels({learner!r}, {downsampling!r}))
assert environment_for_large_operations() == {expected}
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**UNSET, **of_the_user})


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
