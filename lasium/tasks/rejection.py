"""Rejection sampling without state: what is drawn depends on the seed alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

MAX_ATTEMPTS = 1000


def redraw_until_accepted(
    draw: Callable[[tf.Tensor], tf.Tensor], accept: Callable[[tf.Tensor], tf.Tensor], seed: tf.Tensor
) -> tf.Tensor:
    """Draws n values, and draws those that are not accepted again until all are.

    draw(seed) gives (n, ...); accept(values) gives a boolean (n,).
    Raises tf.errors.InvalidArgumentError after 1,000 attempts.
    """

    def rejected(values: tf.Tensor, attempt: tf.Tensor) -> tf.Tensor:
        return tf.logical_and(attempt < MAX_ATTEMPTS, tf.reduce_any(~accept(values)))

    def redraw(values: tf.Tensor, attempt: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        fresh = draw(tf.random.experimental.stateless_fold_in(seed, attempt))
        kept = tf.reshape(accept(values), [-1] + [1] * (len(values.shape) - 1))
        return tf.where(kept, values, fresh), attempt + 1

    values, attempts = tf.while_loop(rejected, redraw, (draw(seed), tf.constant(0)))
    message = f"no set of vectors was accepted in {MAX_ATTEMPTS} attempts: epsilon is too large"
    with tf.control_dependencies([tf.debugging.assert_less(attempts, MAX_ATTEMPTS, message)]):
        return tf.identity(values)


def is_ever_given_up(draw: Callable[[tf.Tensor], Any], n_seeds: int = 32) -> bool:
    """Does a draw(seed) that redraws until accepted give up, by one of the first seeds?"""
    traced = tf.function(draw)
    try:
        for number in range(n_seeds):
            traced(tf.constant([0, number]))
    except tf.errors.InvalidArgumentError:
        return True
    return False
