"""Classifiers that learn from a few images and from sampled ones, and the augmentations they are compared with.

One file a method.
Imports `training` and `glico.latent`.
"""
