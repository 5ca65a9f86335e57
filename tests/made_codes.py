import numpy as np
import tensorflow as tf

from latentshot.glico.latent.codes import Codes


def unit_vectors(n, d, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, d))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class BareCodes:
    """In a sampler the place of a GLICO whose images are the codes themselves."""

    def __init__(self, codes):
        self.codes = Codes(codes)

    def generate(self, codes, seed):
        return tf.identity(codes)
