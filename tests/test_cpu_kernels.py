import os
import subprocess
import sys

import pytest

from latentshot.lasium.experiment.config import prefers_onednn
from latentshot.training.cpu_kernels import choose_cpu_kernels


@pytest.mark.parametrize("onednn", [False, True])
def test_a_process_knows_whose_kernels_compute_in_it(onednn):
    code = f"""
from latentshot.training.cpu_kernels import choose_cpu_kernels, onednn_computes
choose_cpu_kernels(onednn={onednn})
import tensorflow
assert onednn_computes() is {onednn}
"""
    environment = {name: value for name, value in os.environ.items() if name != "TF_ENABLE_ONEDNN_OPTS"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_adapting_to_small_maps_is_what_oneDNN_is_no_good_for():
    assert not prefers_onednn("maml", "stride")
    assert not prefers_onednn("scratch", "stride")
    assert prefers_onednn("maml", "max_pool")
    assert prefers_onednn("protonets", "stride")
    assert prefers_onednn(None)  # a run of bin/train_generator.py


def test_kernels_are_chosen_before_tensorflow_is_imported_and_the_user_s_choice_wins(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    choose_cpu_kernels(onednn=True)
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "0"
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS")
    choose_cpu_kernels(onednn=True)
    assert "TF_ENABLE_ONEDNN_OPTS" not in os.environ  # TensorFlow is there: it would have no effect but on children
    monkeypatch.delitem(sys.modules, "tensorflow")
    choose_cpu_kernels(onednn=True)
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == "1"
