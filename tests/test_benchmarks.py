"""The benchmarks' own correctness, without the peers' packages."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from latentshot.benchmarks import digits_run
from latentshot.benchmarks.digits_run import DigitsRun
from latentshot.benchmarks.harness import Candidate, check, compare, table
from latentshot.benchmarks.maml_problem import META_LR, EvaluationProblem, MamlProblem
from latentshot.benchmarks.many_devices import Options, Step
from latentshot.benchmarks.omniglot_run import OmniglotRun
from latentshot.benchmarks.page import BEGIN, END, chart, with_table
from latentshot.benchmarks.run_results import run_chart
from latentshot.benchmarks.seconds_by_operation import seconds_by_operation
from latentshot.benchmarks.stream_problem import ALPHA
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved as resolved_for_tasks
from latentshot.lasium.experiment.evaluation import TASKS_PER_BATCH

TINY: dict[str, Any] = {"filters": 4, "tasks": 1, "inner_steps": 1, "n_query": 1, "n_way": 2}


@pytest.mark.soak
def test_our_step_computes_what_a_plain_loop_computes_and_both_are_timed(capsys):
    problem = MamlProblem(**TINY, side=16, downsampling="max_pool")
    peers = {"maml_latentshot": "tensorflow", "maml_tensorflow_loop": "tensorflow", "maml_nobody": "no_such_package"}
    compared = compare(peers, problem, steps=2)
    assert compared["machine_peak"] > 0
    rows = compared["rows"]
    assert [row["candidate"] for row in rows] == ["maml_latentshot", "maml_tensorflow_loop"]
    assert rows[0]["ratio"] == 1
    assert "maml_nobody is left out: no_such_package is not installed" in capsys.readouterr().err
    assert "maml_tensorflow_loop" in table(rows, problem.flops(), peak=1e11)


class Answered(Candidate):
    """One that has done its step. changes: of its weights, by gradients."""

    def __init__(self, loss, *changes):
        self.name, self.first, self.changes = "x", {"loss": loss}, [np.array(change) for change in changes]

    def close(self):
        return 0.0


def test_candidates_that_differ_are_told():
    with pytest.raises(RuntimeError, match=r"x and x differ by 0\.01"):
        check([Answered(1.0, [1.0, 1.0]), Answered(1.0, [1.01, 1.01])])
    with pytest.raises(RuntimeError, match=r"x and x differ by 0\.002"):
        check([Answered(1.0, [1.0]), Answered(1.002, [1.0])])


def test_of_a_gradient_that_is_nothing_beside_the_others_a_share_of_the_largest_counts():
    # 1e-6 of rounding is a ten-thousandth of a hundredth of the largest; 1e-4 is no rounding
    check([Answered(1.0, [1.0], [1e-6]), Answered(1.0, [1.0], [2e-6])])
    with pytest.raises(RuntimeError, match=r"differ by 0\.0099"):
        check([Answered(1.0, [1.0], [1e-6]), Answered(1.0, [1.0], [1e-4])])


def test_the_operations_of_a_step_are_those_of_its_convolutions():
    # one task of two images, each counted by hand: 2 * 9 * inputs * filters * places, in four blocks of 16, 8, 4, 2;
    # forward and by weights, and but for the first by inputs
    per_image = 18 * 4 * (2 * 1 * 16**2 + 3 * (4 * 8**2 + 4 * 4**2 + 4 * 2**2))
    problem = MamlProblem(**TINY, side=16, downsampling="max_pool", first_order=True)
    assert problem.flops() == per_image * (2 + 2)


def test_a_profile_has_the_seconds_of_each_operation_and_of_nothing_that_contains_it():
    matrix = tf.Variable(tf.ones((30, 30)))
    step = tf.function(lambda: tf.math.erf(matrix @ matrix))
    step()
    seconds = seconds_by_operation(step, 3)
    operations = {name for name in seconds if "MatMul" not in name}  # oneDNN's have names of their own
    assert len(operations) == len(seconds) - 1
    assert operations == {"Erf", "ReadVariableOp"}
    assert min(seconds.values()) > 0


def test_evaluation_is_timed_on_as_many_tasks_as_are_evaluated_at_once():
    assert EvaluationProblem().tasks == TASKS_PER_BATCH


def test_in_evaluation_the_queries_go_forward_only():
    tiny: dict[str, Any] = {**TINY, "side": 16, "downsampling": "max_pool", "inner_steps": 3}
    forward = 18 * 4 * (1 * 16**2 + 4 * 8**2 + 4 * 4**2 + 4 * 2**2)
    supports = MamlProblem(**{**tiny, "n_query": 0}, first_order=True).flops()  # 3 steps on 2 images
    assert EvaluationProblem(**tiny).flops() == supports + 2 * forward


def test_the_omniglot_run_of_others_has_the_options_of_our_command():
    run, config = OmniglotRun(), resolved_for_tasks(MetaConfig(dataset="omniglot"))
    maml, adapting = run.maml, run.evaluation(5)
    named = {
        "generator_epochs": run.epochs,
        "generator_batch_size": run.vae.batch_size,
        "iterations": run.iterations,
        "n_tasks": run.n_tasks,
        "k_shot": run.k_shots,
        "query_shift": run.stream.shift,
        "alpha": ALPHA,
        "meta_batch_size": maml.tasks,
        "meta_lr": META_LR,
        "n_way": maml.n_way,
        "train_k_shot": maml.k_shot,
        "train_n_query": maml.n_query,
        "inner_steps": maml.inner_steps,
        "inner_lr": maml.inner_lr,
        "first_order": maml.first_order,
        "filters": maml.filters,
        "downsampling": maml.downsampling,
        "eval_inner_steps": adapting.inner_steps,
        "n_query": adapting.n_query,
    }
    assert {name: getattr(config, name) for name in named} == named


def test_the_digits_run_of_others_has_the_options_of_our_command():
    run, config = DigitsRun(), resolved(GlicoConfig())
    assert config.epochs is not None
    named = {
        "seeds": run.seeds,
        "samples_per_class": (run.samples_per_class,),
        "budget": run.budget,
        "compare": digits_run.METHODS,
        "drops": tuple(round(share * config.epochs) for share in digits_run.DROPS),
        "lr": digits_run.LEARNING_RATE,
    }
    same = ["LATENT_DIM", "NOISE_DIM", "SIGMA", "GAMMA", "GENERATOR_LR", "CODE_LR", "BATCH_SIZE", "EPOCHS"]
    same += ["MOMENTUM", "WEIGHT_DECAY", "DROP_FACTOR", "P", "RATIOS"]
    named |= {name.lower(): getattr(digits_run, name) for name in same}
    assert {name: getattr(config, name) for name in named} == named


def test_differentiating_twice_costs_three_times_an_inner_step():
    tiny: dict[str, Any] = {**TINY, "n_query": 0}
    first, second = (MamlProblem(**tiny, first_order=first_order) for first_order in (True, False))
    assert second.flops() == 3 * first.flops()


def test_strides_convolve_at_half_as_many_places_a_side():
    # maps of 14, 7, 4 and 2
    per_image = 18 * 4 * (2 * 1 * 14**2 + 3 * (4 * 7**2 + 4 * 4**2 + 4 * 2**2))
    assert MamlProblem(**TINY, first_order=True).flops() == per_image * (2 + 2)


def measured(candidate, seconds, ratio):
    return {
        "candidate": candidate,
        "median_seconds": seconds,
        "ratio": ratio,
        "pair_quartiles": [ratio, ratio, ratio],
        "first_step_seconds": 1.0,
        "peak_mebibytes": 100.0 * ratio,
    }


FIGURES: dict[str, Any] = {
    "machine": {"date": "2026-01-02", "processor": "P", "threads": "2", "tensorflow": "1", "torch": "2", "jax": "3"},
    "maml": {
        "stride": {
            "flops": 1e9,
            "machine_peak": 1e11,
            "rows": [measured("maml_latentshot", 0.05, 1.0), measured("maml_torch_loop", 0.15, 3.0)],
        }
    },
    "startup": {"rows": [{"candidate": "maml_latentshot", "first step after, s": 4.0}]},
}


def test_the_page_gets_the_measured_table_between_its_marks():
    text = with_table(f"above\n{BEGIN}\nold\n{END}\nbelow", FIGURES)
    assert text.startswith(f"above\n{BEGIN}\n2026-01-02, P, 2 threads, tensorflow 1, torch 2, jax 3:")
    assert text.endswith(f"{END}\nbelow")
    assert "| MAML, stride " in text
    assert "50 ms, 20% of peak, 100 MiB" in text
    assert "3.00x, 3.00x" in text
    assert "4.0 s" in text
    assert "old" not in text
    with pytest.raises(ValueError, match="has no lines <!-- benchmarks: begin -->"):
        with_table("no marks", FIGURES)


def test_whole_runs_stand_below_phase_by_phase_and_their_bars_end_where_the_run_does():
    rows = [
        {
            "candidate": f"x_{name}",
            "times": {"a": 30.0 * n, "b": 30.0},
            "seconds": 30.0 * (n + 1),
            "accuracy": {"1": 50},
        }
        for n, name in ((1, "latentshot"), (3, "torch"))
    ]
    runs = {"X": {"flops": {"a": 3e11, "b": 0.0}, "machine_peak": 1e11, "rows": rows}}
    page = [" ".join(line.split()) for line in with_table(f"{BEGIN}{END}", FIGURES, runs).splitlines()]
    assert "| a | 30.0 s | 10% | 90.0 s, 3.00x |" in page
    assert "| b | 30.0 s | | 30.0 s, 1.00x |" in page
    assert "| all | 60.0 s | 5% | 120.0 s, 2.00x |" in page
    (axes,) = run_chart(runs).axes
    assert max(bar.get_bbox().x1 for bar in axes.patches) == 2.0  # type: ignore[attr-defined] # minutes


@pytest.mark.parametrize(("ratio", "bar"), [(3.0, [1.0, 3.0]), (0.8, [0.8, 1.0])])
def test_the_chart_has_a_bar_for_each_peer_from_one_to_its_ratio(ratio, bar):
    rows = [measured("maml_latentshot", 0.05, 1.0), measured("maml_torch_loop", 0.05 * ratio, ratio)]
    (axes,) = chart({**FIGURES, "maml": {"stride": {**FIGURES["maml"]["stride"], "rows": rows}}}).axes
    (patch,) = axes.patches
    np.testing.assert_allclose(sorted(patch.get_bbox().intervalx), bar)  # type: ignore[attr-defined]


def test_devices_share_the_operations_of_a_step_and_add_its_gradients_up_in_a_ring():
    step = Step("any", flops=4e9, gradient_bytes=1e6, parts=4, share=0.5)
    options = Options(tflops=0.004, gigabits=8.0, microseconds=100.0)  # 4e9 operations a second, 1e9 bytes a second
    computing, exchange = step.seconds(options, peak=1.0, n=4)
    assert computing == pytest.approx(4e9 / 4 / 2e9)
    assert exchange == pytest.approx(2 * 3 / 4 * 1e6 / 1e9 + 2 * 3 * 100e-6)
    assert step.seconds(options, peak=1.0, n=1) == (2.0, 0.0)
    assert step.seconds(Options(), peak=4e9, n=1)[0] == 2.0  # this machine's peak where none is given
    assert step.seconds(options, peak=1.0, n=4, batches=4)[0] == 2.0
