"""Several devices as one: how a step does its share of a batch (https://www.tensorflow.org/guide/distributed_training).

A model built in the scope of a `tf.distribute` strategy runs its step on every device, each with its part of the batch,
and Keras's optimizers add the devices' gradients up. With the functions here the sum is that of one device on the whole
batch, for MAML, and for GLICO with its own generator and weak classifier, which normalize over all devices, as do BiGAN
and the conditional DCGAN. Elsewhere batch normalization is by each device's part, as it is in Keras unless
`synchronized`, and layers that augment images draw the same on each. On a single device the functions change no number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf


def n_devices() -> int:
    return tf.distribute.get_strategy().num_replicas_in_sync


def device_number() -> tf.Tensor | int:
    """The number of this device, from 0."""
    return tf.distribute.get_replica_context().replica_id_in_sync_group if _in_parts() else 0


def replica_share(mean: tf.Tensor) -> tf.Tensor:
    """The contribution of this device's mean over its part to the mean over the whole batch."""
    return mean / n_devices() if _in_parts() else mean


def replica_normal(shape: tuple[Any, int], seed: tf.Tensor) -> tf.Tensor:
    """This device's part of the standard normal numbers that a single device would draw for the whole batch.

    shape: (n, d) of the part.
    """
    if not _in_parts():
        return tf.random.stateless_normal(shape, seed)
    everything = tf.random.stateless_normal((n_devices() * shape[0], shape[1]), seed)
    return everything[device_number() * shape[0] :][: shape[0]]


def replica_seed(seed: tf.Tensor) -> tf.Tensor:
    """A seed (2,) that differs from device to device."""
    return tf.random.experimental.stateless_fold_in(seed, device_number()) if _in_parts() else seed


def all_gathered(part: tf.Tensor) -> tf.Tensor:
    """The parts (n, ...) of all devices, one after the other."""
    if not _in_parts():
        return part
    here = tf.identity(part)  # all_gather needs a tensor that is placed on a device, which a step's input is not
    return tf.distribute.get_replica_context().all_gather(here, axis=0)


def distributed(batches: tf.data.Dataset, model: keras.Model) -> tf.data.Dataset | tf.distribute.DistributedDataset:
    """The same stream, each batch cut into as many equal parts as there are devices, in their order.

    model: that is to be fitted to it or evaluated on it, and is built already.
    Raises ValueError for batches that cannot be cut so.
    """
    n = n_devices()
    if n == 1:
        return batches
    sizes = {part.shape[0] for part in tf.nest.flatten(batches.element_spec)}
    uneven = [size for size in sizes if size is None or size % n]
    if uneven:
        raise ValueError(f"batches of {uneven[0]} cannot be shared by {n} devices: give a size that divides by {n}")
    if isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy):
        _fit_for_workers(model)

    def of_pipeline(context: tf.distribute.InputContext) -> tf.data.Dataset:
        per_pipeline = n // context.num_input_pipelines
        first = context.input_pipeline_id * per_pipeline

        def parts(*batch: Any) -> tf.data.Dataset:
            cut = tf.nest.map_structure(lambda x: tf.stack(tf.split(x, n)[first : first + per_pipeline]), batch)
            return tf.data.Dataset.from_tensor_slices(cut if len(batch) > 1 else cut[0])

        return batches.flat_map(parts).prefetch(per_pipeline)

    return tf.distribute.get_strategy().distribute_datasets_from_function(of_pipeline)


def optimizers_of(model: keras.Model) -> list[keras.Optimizer]:
    """All of them, each once: a GAN has a second one for its discriminator."""
    return list(dict.fromkeys(part for part in vars(model).values() if isinstance(part, keras.Optimizer)))


def leave_out_needless_sums(model: keras.Model) -> None:
    """Keeps the model's optimizers from adding up gradients where they were made for one device.

    They do it by a function with a gradient of its own, which TensorFlow registers for good, and with it the graph of
    the step and all that it holds: every training's weights, and GLICO's targets of some gigabytes
    (https://github.com/tensorflow/tensorflow/issues/80895).
    """
    for optimizer in optimizers_of(model):
        own = getattr(optimizer, "inner_optimizer", optimizer)  # of one that scales the loss
        if own._distribution_strategy.num_replicas_in_sync == 1:
            own._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables


def _fit_for_workers(model: keras.Model) -> None:
    """Works around two faults of Keras 3 with several processes. It builds even built models from a batch, and fails on
    batches of several tensors; and it averages a step's logs over their first axis, which scalars lack."""
    model._maybe_symbolic_build = lambda **_: None

    def with_axis(step: Callable) -> Callable:
        return lambda data: {name: tf.reshape(value, (1,)) for name, value in step(data).items()}

    model.train_step, model.test_step = with_axis(model.train_step), with_axis(model.test_step)


def _in_parts() -> bool:
    """Is this the step of one device among several? Outside of steps a model works on whole batches."""
    return n_devices() > 1 and tf.distribute.get_replica_context() is not None
