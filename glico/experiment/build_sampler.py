"""What makes new images for a row of the table, from the trained generative model of its sample."""

from __future__ import annotations

import keras

from ..classify.conditional_sampling import ConditionalSampler
from ..latent.interpolation import lerp, slerp
from ..latent.pseudo_labels import pseudo_labels
from ..latent.sampling import LatentSampler
from .config import GlicoConfig
from .methods import uses
from .sample import Sample

Sampler = LatentSampler | ConditionalSampler


def build_sampler(config: GlicoConfig, model: keras.Model, sample: Sample, method: str) -> Sampler:
    """The model is a `ConditionalDCGAN` where the row uses dcgan, and else a `GLICO`."""
    if uses(method, "dcgan"):
        return ConditionalSampler(model, sample.labelled.labels)
    guess = uses(method, "pseudo-labels")
    labels = pseudo_labels(model, sample.labels, config.confidence) if guess else sample.labels
    return LatentSampler(model, labels, config.ratios, {"slerp": slerp, "lerp": lerp}[config.interpolation])
