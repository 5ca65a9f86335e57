import gc
import weakref
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.training.checkpoints import Checkpoints
from latentshot.training.fit import train
from latentshot.training.stopwatch import Stopwatch


def linear_model(seed=0):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), loss="mse")
    return model


def stream_from(step):
    def batch(index):
        x = tf.random.stateless_normal((8, 3), tf.stack([0, index]))
        return x, tf.reduce_sum(x, axis=1, keepdims=True)

    return tf.data.Dataset.range(step, 10_000).map(batch)


def trained(folder, epochs, model=None):
    model = model or linear_model()
    history = train(model, stream_from, epochs, 5, folder / "checkpoints", folder / "logs", "test")
    return model, history


def all_weights(model):
    return [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)]


def built(model):
    model.optimizer.build(model.trainable_variables)
    return model


def test_a_continued_training_is_bit_identical_to_an_uninterrupted_one(tmp_path):
    whole, whole_history = trained(tmp_path / "whole", 6)
    trained(tmp_path / "parts", 2)
    parts, parts_history = trained(tmp_path / "parts", 6, linear_model(seed=99))
    for a, b in zip(all_weights(whole), all_weights(parts), strict=True):
        np.testing.assert_array_equal(a, b)
    assert whole_history == parts_history
    assert len(whole_history) == 6


class WithTwoOptimizers(keras.Model):
    """As GANs have, whose second one is for the discriminator."""

    def __init__(self):
        super().__init__()
        self.first, self.second = keras.layers.Dense(1), keras.layers.Dense(1)
        self.build((None, 3))
        self.compile(keras.optimizers.Adam(0.01))
        self.second_optimizer = keras.optimizers.Adam(0.01)
        self.second_optimizer.build(self.second.trainable_variables)

    def build(self, shape):
        self.first.build(shape)
        self.second.build(shape)
        self.built = True

    def train_step(self, data):
        for layer, optimizer in ((self.first, self.optimizer), (self.second, self.second_optimizer)):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((layer(data[0]) - data[1]) ** 2)
            optimizer.apply(tape.gradient(loss, layer.trainable_variables), layer.trainable_variables)
        return {"loss": loss}


def scaled_model():
    model = linear_model()
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01), initial_scale=4.0), loss="mse")
    return model


@pytest.mark.parametrize("make", [linear_model, scaled_model, WithTwoOptimizers])
def test_the_weights_of_a_training_that_is_over_leave_the_memory_with_its_model(tmp_path, make):
    model, _ = trained(tmp_path, 1, make())
    weights = [weakref.ref(each.value.handle) for each in (*model.weights, *model.optimizer.variables)]
    del model
    gc.collect()
    assert [each for each in weights if each() is not None] == []


@pytest.mark.parametrize("make", [linear_model, scaled_model])
def test_a_training_ends_with_the_bits_of_keras_s_own(tmp_path, make):
    as_keras_does = make()
    as_keras_does.fit(stream_from(0), epochs=1, steps_per_epoch=5, shuffle=False, verbose=0)
    model, _ = trained(tmp_path, 1, make())
    for ours, theirs in zip(model.get_weights(), as_keras_does.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("suffix", [".data-00000-of-00001", ".index"])
def test_a_truncated_checkpoint_is_named_and_the_one_before_it_used(tmp_path, suffix, capsys):
    trained(tmp_path, 3)
    broken = tmp_path / "checkpoints" / f"epoch-3{suffix}"
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])
    saved = Checkpoints(built(linear_model()), tmp_path / "checkpoints")
    assert saved.restore() == 2
    assert "epoch-3 cannot be read" in capsys.readouterr().err
    again, history = trained(tmp_path, 3, linear_model(seed=5))
    whole, whole_history = trained(tmp_path / "whole", 3)
    for a, b in zip(all_weights(whole), all_weights(again), strict=True):
        np.testing.assert_array_equal(a, b)
    assert history == whole_history


@pytest.mark.parametrize("damage", [None, "garbage"])
def test_checkpoints_are_found_without_a_list_of_them_and_with_a_damaged_one(tmp_path, damage):
    trained(tmp_path / "parts", 2)
    for name in ("checkpoint", "history.json"):
        file = tmp_path / "parts" / "checkpoints" / name
        file.write_text(damage) if damage else file.unlink(missing_ok=True)
    parts, history = trained(tmp_path / "parts", 3, linear_model(seed=99))
    whole, whole_history = trained(tmp_path / "whole", 3)
    for a, b in zip(all_weights(whole), all_weights(parts), strict=True):
        np.testing.assert_array_equal(a, b)
    assert history == whole_history


def test_what_a_kill_left_of_a_checkpoint_is_told_and_swept_and_two_are_kept(tmp_path, capsys):
    trained(tmp_path, 3)
    folder = tmp_path / "checkpoints"
    (folder / "epoch-4.data-00000-of-00001").write_bytes(b"begun")
    (folder / "epoch-4_temp").mkdir()
    assert Checkpoints(built(linear_model()), folder).restore() == 3
    assert "epoch-4 has no index and is left out" in capsys.readouterr().err
    assert sorted({file.name.split(".")[0] for file in folder.iterdir()}) == ["epoch-2", "epoch-3", "history"]


def test_a_first_checkpoint_that_breaks_off_in_its_index_is_none(tmp_path, monkeypatch):
    def breaks_off(checkpoint, prefix):
        Path(prefix).parent.mkdir(parents=True, exist_ok=True)
        Path(f"{prefix}.index").write_bytes(b"half")
        raise OSError("no room")

    monkeypatch.setattr(tf.train.Checkpoint, "write", breaks_off)
    monkeypatch.setattr(Checkpoints, "_sweep", lambda self: None)  # a kill leaves what there is
    with pytest.raises(OSError, match="no room"):
        trained(tmp_path, 1)
    monkeypatch.undo()
    assert Checkpoints(built(linear_model()), tmp_path / "checkpoints").restore() == 0
    _, history = trained(tmp_path, 1)
    assert len(history) == 1


def test_when_no_checkpoint_can_be_read_the_folder_to_remove_is_named(tmp_path):
    trained(tmp_path, 2)
    for part in (tmp_path / "checkpoints").glob("*.index"):
        part.write_bytes(b"")
    with pytest.raises(ValueError, match=r"none of the checkpoints under .*checkpoints can be read"):
        trained(tmp_path, 3)


def test_a_loss_that_turns_nan_stops_the_run_at_its_step_and_leaves_the_last_good_checkpoint(tmp_path):
    def poisoned(step):
        nan_from = 12  # the 13th iteration, in the third epoch of five
        return tf.data.Dataset.zip(tf.data.Dataset.range(step, 100), stream_from(step)).map(
            lambda i, batch: (tf.where(i >= nan_from, np.nan, 1.0) * batch[0], batch[1])
        )

    model = linear_model()
    with pytest.raises(FloatingPointError, match=r"loss at iteration 13 is no longer finite.*epoch-2"):
        train(model, poisoned, 5, 5, tmp_path / "checkpoints", tmp_path / "logs", "test")
    assert Checkpoints(model, tmp_path / "checkpoints").restore() == 2
    assert np.isfinite(model.get_weights()[0]).all()


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    model = built(linear_model())
    saved = Checkpoints(model, tmp_path)
    model.layers[-1].bias.assign([np.inf])
    with pytest.raises(FloatingPointError, match="bias in epoch 1 is no longer finite"):
        saved.on_epoch_end(0, {"loss": 1.0})
    assert saved.latest is None


def test_seconds_add_up_over_sessions(tmp_path):
    first = Stopwatch(tmp_path / "seconds.json")
    first.started -= 100
    first.on_epoch_end(0)
    second = Stopwatch(tmp_path / "seconds.json")
    second.started -= 20
    assert second.seconds == pytest.approx(120, abs=5)


def test_seconds_of_a_training_without_checkpoints_begin_anew(tmp_path):
    for epochs, before in ((1, 0.0), (2, 100.0)):
        stopwatch = Stopwatch(tmp_path / "seconds.json")
        stopwatch.before += 100.0
        folders = tmp_path / "checkpoints", tmp_path / "logs"
        train(linear_model(), stream_from, epochs, 5, *folders, "test", callbacks=[stopwatch])
        assert before <= stopwatch.seconds < before + 90
