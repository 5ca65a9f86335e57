"""Model-agnostic meta-learning.

Chelsea Finn, Pieter Abbeel, Sergey Levine: "Model-agnostic meta-learning for fast adaptation of deep networks",
ICML 2017, https://arxiv.org/abs/1703.03400; hyperparameters in Khodadadeh et al. 2020, table 5.
"""

from __future__ import annotations

from typing import Literal, get_args

import keras
import tensorflow as tf

from ...training.choices import check_one_of
from ...training.distribution import replica_share
from .each_task import each_task
from .learner import FewShotLearner, State, mean_cross_entropy

BatchNorm = Literal["transductive", "support"]
Weights = list[tf.Tensor]
# float16 has no number below 6e-8, so the inner loss is scaled up. Unlike the optimizer's step, an inner step cannot be
# repeated with a smaller scale after an overflow. This scale leaves room for gradients of up to 64.
FLOAT16_LOSS_SCALE = 1024.0


class MAML(FewShotLearner):
    """Learns initial weights from which a few steps of gradient descent on a task's support do well on its queries.

    network: images (n, height, width, channels) to logits (n, n_way). ValueError for dropout in it, and unless
        first_order for Keras's own BatchNormalization, whose second derivatives are wrong: use
        `models.batch_norm.BatchNormalization`.
    inner_lr, inner_steps: of the gradient descent in meta-training; eval_inner_steps: of that in evaluation.
    first_order: take the inner gradients for constants in the meta-gradient (Finn et al. 2017, section 5.2).
    batch_norm: `transductive` normalizes the queries by the statistics of all queries of the task, as the authors do;
        `support` by those of the support, so that a query's answer does not depend on the others. The latter needs a
        network whose moving statistics are those of the last batch (momentum 0); ValueError without, and for a third.
    """

    def __init__(
        self,
        network: keras.Model,
        inner_lr: float = 0.4,
        inner_steps: int = 5,
        eval_inner_steps: int = 50,
        first_order: bool = False,
        batch_norm: BatchNorm = "transductive",
        **kwargs,
    ):
        super().__init__(network, **kwargs)
        self.inner_lr, self.inner_steps, self.eval_inner_steps = inner_lr, inner_steps, eval_inner_steps
        check_one_of("batch_norm", batch_norm, get_args(BatchNorm))
        self.first_order, self.batch_norm = first_order, batch_norm
        self.inner_loss_scale = FLOAT16_LOSS_SCALE if self.computes_in_float16 else 1.0
        if not first_order and any(
            type(layer) is keras.layers.BatchNormalization for layer in network._flatten_layers()
        ):
            raise ValueError(
                f"{network.name} holds keras.layers.BatchNormalization, whose second derivatives are wrong: "
                "use latentshot.models.batch_norm.BatchNormalization, or first_order=True"
            )
        if any(getattr(layer, "seed_generator", None) for layer in network._flatten_layers()):
            raise ValueError(
                f"{network.name} draws random numbers, as dropout does: these would be alike in all inner steps, and "
                "drawn in evaluation too. Leave such layers out"
            )
        momenta = {
            layer.momentum for layer in network._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)
        }
        if batch_norm == "support" and momenta - {0.0}:
            raise ValueError(
                f"batch_norm 'support' needs batch normalization of momentum 0, not {max(momenta)}: "
                "conv4(..., momentum=0.0)"
            )

    def call(self, tasks: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        def query_logits(task: dict[str, tf.Tensor]) -> tf.Tensor:
            return self._query_logits(*_parts(task), training=training)

        n_tasks = tasks["support_images"].shape[0]
        if n_tasks is None:
            return tf.map_fn(query_logits, tasks, fn_output_signature=tf.float32)
        # Unrolled: the tasks' small operations run side by side, and the meta-gradient needs no loop's bookkeeping.
        each = [{name: value[i] for name, value in tasks.items()} for i in range(n_tasks)]
        return tf.stack([query_logits(task) for task in each])  # (tasks, n_way n_query, n_way)

    @property
    def traces_one_task(self) -> bool:
        """Do `fit` and `evaluate` trace one task for all? On CPUs; other devices and XLA get them in one graph."""
        on_cpu = {device.device_type for device in tf.config.get_visible_devices()} == {"CPU"}
        return on_cpu and not self.jit_compile and not self.run_eagerly

    def _logits_and_gradients(
        self, tasks: dict[str, tf.Tensor], query_labels: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        if not self.traces_one_task:
            return super()._logits_and_gradients(tasks, query_labels)

        def of_task(*task: tf.Tensor) -> list[tf.Tensor]:
            *parts, labels, scale = task
            with tf.GradientTape() as tape:
                logits = self._query_logits(*parts, training=True)
                loss = mean_cross_entropy(labels, logits)
                loss = tf.cast(scale, loss.dtype) * loss
            return [logits, *tape.gradient(loss, self.trainable_variables, unconnected_gradients="zero")]

        scale = self.optimizer.scale_loss(replica_share(tf.constant(1.0)))
        logits, *gradients = each_task(of_task, [*_parts(tasks), query_labels], [scale])
        return logits, [tf.reduce_mean(gradient, axis=0) for gradient in gradients]

    def test_logits(self, tasks: dict[str, tf.Tensor]) -> tf.Tensor:
        if not self.traces_one_task:
            return super().test_logits(tasks)
        return each_task(lambda *task: [self._query_logits(*task, training=False)], _parts(tasks))[0]

    def _query_logits(
        self, support_images: tf.Tensor, support_labels: tf.Tensor, query_images: tf.Tensor, training: bool
    ) -> tf.Tensor:
        """Logits (n_way n_query, n_way) of one task after adapting to its support; for variants of MAML to override."""
        adapt = self.adapt if training else self.adapt_in_loop
        return self._predict(adapt(support_images, support_labels), support_images, query_images)

    def adapt(self, images: tf.Tensor, labels: tf.Tensor) -> Weights:
        """The weights after inner_steps on a support set, differentiable in the initial ones."""
        weights = self._initial_weights()
        inner_step = tf.function(self._inner_step, autograph=False)  # traced, and differentiated, once for all steps
        for _ in range(self.inner_steps):
            weights = inner_step(weights, images, labels)
        return weights

    def adapt_in_loop(self, images: tf.Tensor, labels: tf.Tensor) -> Weights:
        """The weights after eval_inner_steps, in a loop of the graph: 50 unrolled steps would take minutes to trace."""
        (weights,) = tf.while_loop(
            lambda weights: True,
            lambda weights: (self._inner_step(weights, images, labels),),
            (self._initial_weights(),),
            maximum_iterations=self.eval_inner_steps,
        )
        return weights

    def embed(self, images: tf.Tensor) -> tf.Tensor:
        """Features (n, n_features) under the meta-learned weights, normalized by the statistics of these images."""
        body = keras.Model(self.network.input, self.network.layers[-1].input)
        weights, statistics = (
            [v.value for v in group] for group in (body.trainable_variables, body.non_trainable_variables)
        )
        return tf.cast(body.stateless_call(weights, statistics, images, training=True)[0], tf.float32)

    def adapted(self, images: tf.Tensor, labels: tf.Tensor) -> State:
        """The weights after eval_inner_steps, what normalizes queries if not they themselves, and which classes are."""
        weights = self.adapt_in_loop(images, labels)
        statistics = [] if self.batch_norm == "transductive" else self._forward(weights, images)[1]
        outputs = tf.range(self.network.output_shape[-1])
        has_support = tf.reduce_any(labels[:, None] == outputs, axis=0)  # (n_way,)
        return {**_numbered("weights", weights), **_numbered("statistics", statistics), "has_support": has_support}

    def adapted_logits(self, state: State, queries: tf.Tensor) -> tf.Tensor:
        """An output that no class was given to has the logit -inf."""
        logits = self._logits(_list(state, "weights"), _list(state, "statistics"), queries)  # (n_queries, n_way)
        return tf.where(state["has_support"], logits, float("-inf"))

    def _initial_weights(self) -> Weights:
        return [tf.convert_to_tensor(variable) for variable in self.network.trainable_variables]

    def _inner_step(self, weights: Weights, images: tf.Tensor, labels: tf.Tensor) -> Weights:
        with tf.GradientTape() as tape:
            tape.watch(weights)
            logits, _ = self._forward(weights, images)
            loss = mean_cross_entropy(labels, logits)
            loss = loss if self.inner_loss_scale == 1 else self.inner_loss_scale * loss
        gradients = tape.gradient(loss, weights)
        if self.inner_loss_scale != 1:
            gradients = [gradient / self.inner_loss_scale for gradient in gradients]
        if self.first_order:
            gradients = [tf.stop_gradient(gradient) for gradient in gradients]
        return [w - self.inner_lr * g for w, g in zip(weights, gradients, strict=True)]

    def _predict(self, weights: Weights, support_images: tf.Tensor, query_images: tf.Tensor) -> tf.Tensor:
        statistics = [] if self.batch_norm == "transductive" else self._forward(weights, support_images)[1]
        return self._logits(weights, statistics, query_images)

    def _logits(self, weights: Weights, statistics: Weights, query_images: tf.Tensor) -> tf.Tensor:
        """By the statistics of the support, or where there are none by the queries' own."""
        if self.batch_norm == "transductive":
            return self._forward(weights, query_images)[0]
        return self.network.stateless_call(weights, statistics, query_images, training=False)[0]

    def _forward(self, weights: Weights, images: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Logits by the batch's own statistics, and the network's moving statistics after it."""
        statistics = [tf.convert_to_tensor(variable) for variable in self.network.non_trainable_variables]
        return self.network.stateless_call(weights, statistics, images, training=True)


def _parts(tasks: dict[str, tf.Tensor]) -> list[tf.Tensor]:
    return [tasks["support_images"], tasks["support_labels"], tasks["query_images"]]


def _numbered(name: str, tensors: list[tf.Tensor]) -> State:
    return {f"{name}_{i}": tensor for i, tensor in enumerate(tensors)}


def _list(state: State, name: str) -> list[tf.Tensor]:
    """The tensors that `_numbered` gave the name."""
    return [state[f"{name}_{i}"] for i in range(sum(key.startswith(f"{name}_") for key in state))]
