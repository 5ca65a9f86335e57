"""Classifiers that learn from a few images and from sampled ones, and the augmentations they are compared with.

`augmentation.py` holds those that Keras has layers for, or nearly; `autoaugment.py` has a file of its own.
Imports `training` and `glico.latent`.
"""
