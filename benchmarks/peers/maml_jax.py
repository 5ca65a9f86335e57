"""JAX: a loop over tasks, grad of grad, one jit.

With vmap each task has kernels of its own, which XLA convolves slowly: 4 to 16 times this on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from ..maml_problem import EPSILON, META_LR, MamlProblem


def build(problem: MamlProblem, checked: bool) -> tuple[Callable[[], float], Callable[[], list[np.ndarray]]]:
    weights = [jnp.asarray(weight) for weight in problem.weights()]
    moments = [(jnp.zeros_like(weight), jnp.zeros_like(weight)) for weight in weights]
    batch = {name: jnp.asarray(value) for name, value in problem.batch().items()}
    stride = 2 if problem.downsampling == "stride" else 1

    def logits(w: list, x: jax.Array) -> jax.Array:
        for block in range(4):
            kernel, scale, shift = w[3 * block : 3 * block + 3]
            layout = ("NHWC", "HWIO", "NHWC")
            x = jax.lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=layout)
            mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
            x = jax.nn.relu((x - mean) * jax.lax.rsqrt(variance + EPSILON) * scale + shift)
            if problem.downsampling == "max_pool":
                window = (1, 2, 2, 1)
                x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")
        x = x.mean(axis=(1, 2)) if problem.downsampling == "stride" else x.reshape(len(x), -1)
        return x @ w[-2] + w[-1]

    def loss_of(w: list, images: jax.Array, labels: jax.Array) -> jax.Array:
        log_probabilities = jax.nn.log_softmax(logits(w, images))
        return -jnp.take_along_axis(log_probabilities, labels[:, None], axis=1).mean()

    def task_loss(initial: list, task: dict) -> jax.Array:
        fast = initial
        for _ in range(problem.inner_steps):
            gradients = jax.grad(loss_of)(fast, task["support_images"], task["support_labels"])
            if problem.first_order:
                gradients = jax.lax.stop_gradient(gradients)
            fast = [w - problem.inner_lr * g for w, g in zip(fast, gradients, strict=True)]
        return loss_of(fast, task["query_images"], task["query_labels"])

    def meta_loss(initial: list) -> jax.Array:
        tasks = [{name: array[number] for name, array in batch.items()} for number in range(problem.tasks)]
        return jnp.stack([task_loss(initial, task) for task in tasks]).mean()

    @jax.jit
    def meta_step(w: list, m: list, t: jax.Array) -> tuple:
        loss, gradients = jax.value_and_grad(meta_loss)(w)
        if checked:
            return [a - g for a, g in zip(w, gradients, strict=True)], m, loss
        m = [(0.9 * a + 0.1 * g, 0.999 * b + 0.001 * g**2) for (a, b), g in zip(m, gradients, strict=True)]
        rate = META_LR * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)  # Adam, Kingma and Ba 2015, section 2
        return [x - rate * a / (jnp.sqrt(b) + 1e-7) for x, (a, b) in zip(w, m, strict=True)], m, loss

    state: dict = {"weights": weights, "moments": moments, "steps": 0}

    def step() -> float:
        state["steps"] += 1
        steps = jnp.asarray(state["steps"], jnp.float32)
        state["weights"], state["moments"], loss = meta_step(state["weights"], state["moments"], steps)
        return float(loss)

    return step, lambda: [np.asarray(weight) for weight in state["weights"]]
