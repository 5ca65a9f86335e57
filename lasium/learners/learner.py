"""What MAML and ProtoNets share as Keras models: the steps of fit and evaluate, adapting to a task, and the export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from ...training.distribution import replica_share
from .accuracy import RightAnswers, TaskAccuracy
from .calibration import NOT_CALIBRATED, Calibration

State = dict[str, tf.Tensor]


class FewShotLearner(keras.Model):
    """A Keras model over batches of tasks (`lasium.tasks` has their form); a method is a subclass with `call`.

    network: a Keras model from images (n, height, width, channels).
    `fit` and `evaluate` give `loss`, the mean cross-entropy of the queries in nats, `accuracy` in percent, and `ci95`,
    the half-width of its 95 % interval over the tasks, which in training says nothing, for the learner changes.
    `fit` raises ValueError for a network with losses of its own. `export` saves it, `network.save` the network.
    """

    def __init__(self, network: keras.Model, **kwargs):
        # Only the network computes in mixed precision. Adapted weights stay float32, or small steps would be lost.
        super().__init__(**{"dtype": network.variable_dtype, **kwargs})
        self.network = network
        self.loss_tracker = keras.metrics.Mean("loss")
        self.task_accuracy = TaskAccuracy()
        self.right_answers: RightAnswers | None = None
        self.calibrations: tuple[Calibration, ...] = ()
        self.built = True

    @property
    def computes_in_float16(self) -> bool:
        return any(layer.compute_dtype == "float16" for layer in self.network._flatten_layers())

    def compile(self, optimizer: str | keras.optimizers.Optimizer = "adam", **kwargs: Any) -> None:
        """As Keras's, but without XLA unless jit_compile asks for it: compiling takes longer than it wins on a CPU.

        Raises ValueError for a loss or metrics, which are those of the class.
        In float16 the loss is scaled, as Keras does by itself where the model's own policy is mixed.
        """
        if given := sorted({"loss", "loss_weights", "metrics", "weighted_metrics"} & kwargs.keys()):
            raise ValueError(f"compile was given {given[0]}: a few-shot learner has its own loss and metrics")
        optimizer = keras.optimizers.get(optimizer)
        if self.computes_in_float16 and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        super().compile(optimizer, **{"jit_compile": False, **kwargs})

    def call(self, tasks: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Logits of the queries after learning from the support: (tasks, n_way n_query, n_way)."""
        raise NotImplementedError(f"{type(self).__name__} has no call")

    def embed(self, images: tf.Tensor) -> tf.Tensor:
        """Features (n, n_features) of images (n, height, width, channels)."""
        raise NotImplementedError(f"{type(self).__name__} has no embed")

    def adapted(self, images: tf.Tensor, labels: tf.Tensor) -> State:
        """What is kept of a support set, images (n, height, width, channels) and labels (n,): tensors by name.

        Here the support itself. A learner that can keep what it made of it, such as prototypes, overrides this and
        `adapted_logits`.
        """
        return {"support_images": images, "support_labels": labels}

    def adapted_logits(self, state: State, queries: tf.Tensor) -> tf.Tensor:
        """Logits (n_queries, n_way) of images (n_queries, height, width, channels), by what `adapted` kept."""
        task = {**{name: state[name] for name in ("support_images", "support_labels")}, "query_images": queries}
        return self({name: value[None] for name, value in task.items()}, training=False)[0]

    def calibrate(self, calibrations: Sequence[Calibration]) -> None:
        """What `adapt_and_predict` and the export divide the logits by, and when they answer "none of these"."""
        self.calibrations = tuple(calibrations)
        self.__dict__.pop("_compiled", None)  # it was traced without them

    @property
    def metrics(self) -> list[keras.Metric]:
        return [self.loss_tracker, self.task_accuracy]

    def train_step(self, data: tuple[dict[str, tf.Tensor], tf.Tensor]) -> dict[str, Any]:
        if self.network.losses:
            raise ValueError(
                f"{self.network.name} has losses of its own, such as regularizers, which are left out here: have "
                "the optimizer decay the weights (weight_decay)"
            )
        tasks, query_labels = data
        logits, gradients = self._logits_and_gradients(tasks, query_labels)
        self.optimizer.apply(gradients, self.trainable_variables)
        return self._record(query_labels, logits)

    def test_step(self, data: tuple[dict[str, tf.Tensor], tf.Tensor]) -> dict[str, Any]:
        tasks, query_labels = data
        logits = self.test_logits(tasks)
        if self.right_answers:
            self.right_answers.update_state(query_labels, logits)
        return self._record(query_labels, logits)

    @contextmanager
    def counting_right_answers(self, n_tasks: int) -> Iterator[RightAnswers]:
        """What one `evaluate` on so many tasks fills, beside the metrics that it returns."""
        self.right_answers, self.test_function = RightAnswers(n_tasks), None  # Keras traces its step anew
        try:
            yield self.right_answers
        finally:
            self.right_answers, self.test_function = None, None

    def _logits_and_gradients(
        self, tasks: dict[str, tf.Tensor], query_labels: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """The logits of `call` in training, and the gradients of the scaled loss."""
        with tf.GradientTape() as tape:
            logits = self(tasks, training=True)  # (tasks, n_way n_query, n_way)
            loss = self.optimizer.scale_loss(replica_share(mean_cross_entropy(query_labels, logits)))
        return logits, tape.gradient(loss, self.trainable_variables)

    def logits(self, tasks: dict[str, tf.Tensor]) -> tf.Tensor:
        """The logits of `call` as a function of its own, on one device: one graph, whatever the tasks' sizes."""
        return self._compiled_logits(tasks)

    @cached_property
    def _compiled_logits(self) -> tf.types.experimental.PolymorphicFunction:
        images = tf.TensorSpec((None, None, *self.network.input_shape[1:]), tf.float32)
        labels = tf.TensorSpec((None, None), tf.int32)
        tasks = {"support_images": images, "support_labels": labels, "query_images": images}
        return tf.function(self.test_logits, input_signature=[tasks], autograph=False)

    def test_logits(self, tasks: dict[str, tf.Tensor]) -> tf.Tensor:
        """The logits of `call`, as `evaluate` computes them."""
        return self(tasks, training=False)

    def _record(self, query_labels: tf.Tensor, logits: tf.Tensor) -> dict[str, Any]:
        self.loss_tracker.update_state(mean_cross_entropy(query_labels, logits))
        self.task_accuracy.update_state(query_labels, logits)
        return self.get_metrics_result()

    def adapt_and_predict(
        self, support_images: tf.Tensor, support_labels: tf.Tensor, query_images: tf.Tensor
    ) -> tf.Tensor:
        """Class probabilities (n_queries, n_way) of the queries of one task.

        support_images, query_images: float32 in [0, 1], (n, height, width, channels); any number of either.
        support_labels: integers (n_support,), from 0 to n_way - 1; tf.errors.InvalidArgumentError for others.
        """
        return self._compiled(support_images, tf.cast(support_labels, tf.int32), query_images)

    @cached_property
    def _compiled(self) -> tf.types.experimental.PolymorphicFunction:
        """One graph for all shapes, the same as the export's: 50 inner steps make a rounding error visible."""
        return tf.function(self._adapt_and_predict, input_signature=self._task_signature(), autograph=False)

    def _adapt_and_predict(self, images: tf.Tensor, labels: tf.Tensor, queries: tf.Tensor) -> tf.Tensor:
        return self._predict_adapted(self._adapt(images, labels), queries)

    def _adapt(self, images: tf.Tensor, labels: tf.Tensor) -> State:
        """What `adapted` keeps, with the `temperature` and the `threshold` for so many shots."""
        with tf.control_dependencies([tf.debugging.assert_non_negative(labels, "labels count from 0")]):
            labels = tf.identity(labels)
        shots = tf.size(labels) / tf.size(tf.unique(labels).y)
        known = self.calibrations or (NOT_CALIBRATED,)
        ratios = [tf.math.log(tf.cast(shots, tf.float32) / each.k_shot) for each in known]
        nearest = tf.argmin(tf.abs(tf.stack(ratios)))
        temperatures, thresholds = ([getattr(each, name) for each in known] for name in ("temperature", "threshold"))
        calibration = {"temperature": tf.gather(temperatures, nearest), "threshold": tf.gather(thresholds, nearest)}
        return {**self.adapted(images, labels), **calibration}

    def _predict_adapted(self, state: State, queries: tf.Tensor) -> tf.Tensor:
        """Class probabilities (n_queries, n_way)."""
        return tf.nn.softmax(self.adapted_logits(state, queries) / state["temperature"])

    def _answer(self, state: State, queries: tf.Tensor) -> dict[str, tf.Tensor]:
        """`probabilities` (n_queries, n_way), `score`, and whether it is so low that it is `none_of_these`."""
        logits = self.adapted_logits(state, queries)
        score = tf.reduce_max(logits, axis=-1)  # (n_queries,)
        probabilities = tf.nn.softmax(logits / state["temperature"])
        return {"probabilities": probabilities, "score": score, "none_of_these": score < state["threshold"]}

    def _task_signature(self) -> list[tf.TensorSpec]:
        images = tf.TensorSpec((None, *self.network.input_shape[1:]), tf.float32)
        return [images, tf.TensorSpec((None,), tf.int32), images]

    def export(self, filepath: str | Path, **kwargs: Any) -> None:  # type: ignore[override]
        """Writes a SavedModel that needs only TensorFlow.

        `adapt_and_predict` does what the learner's does. `adapt(support_images, support_labels)` gives a state, a dict
        of tensors; `predict(state, queries)` probabilities (n_queries, n_way), and `answer(state, queries)` a dict of
        these, each query's `score` and whether it is `none_of_these`. `embed` gives features.
        """
        images, labels, queries = self._task_signature()
        adapt = tf.function(self._adapt, input_signature=[images, labels], autograph=False)
        outputs = adapt.get_concrete_function().structured_outputs

        def adapt_and_predict(images: tf.Tensor, labels: tf.Tensor, queries: tf.Tensor) -> tf.Tensor:
            return self._predict_adapted(adapt(images, labels), queries)  # adapting is traced once

        archive = keras.export.ExportArchive()
        archive.track(self)
        archive.add_endpoint("adapt", adapt)
        archive.add_endpoint("adapt_and_predict", adapt_and_predict, input_signature=[images, labels, queries])
        state = {name: tf.TensorSpec(tensor.shape, tensor.dtype, name) for name, tensor in outputs.items()}
        archive.add_endpoint("predict", self._predict_adapted, input_signature=[state, queries])
        archive.add_endpoint("answer", self._answer, input_signature=[state, queries])
        archive.add_endpoint("embed", self.embed, input_signature=[images])
        archive.write_out(str(filepath), verbose=False)


def mean_cross_entropy(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy in nats of logits (..., n_way) and labels (...)."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
