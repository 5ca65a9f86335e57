"""What a training step and a fit need: resuming, checkpoints, several devices, precision, CPU kernels.

Knows Keras models and tf.data streams, but neither methods nor datasets.
Imports nothing else of latentshot.
"""
