"""Which of the given options have no effect beside the others. Imports no TensorFlow."""

from __future__ import annotations

from typing import Any

from ...experiment.unused_options import Effects, without_effect
from .config import GlicoConfig
from .defaults import resolved
from .methods import GENERATORS, any_uses, uses
from .tuned import NAMES, load_tuned, of_every_row

_OF_SGD = ("lr", "momentum", "weight_decay", "decay", "drops", "drop_factor")
_WEAK = ("gamma", "weak_classifier", "classifier_space")
_NOISE = ("noise_dim", "sigma", "noise")
_LOSS = ("perceptual", "vgg_weights", "taps", "tap_weights", "pixel_weight")
_CODES = ("generator_lr", "code_lr", "init", "no_noise", "no_classifier", "ratios", "interpolation")
_EFFECTS: Effects = (
    (
        (*_CODES, *_LOSS, *_NOISE, *_WEAK),
        lambda c: any_uses(c.compare, "glico"),
        "--compare glico, by itself or with others",
    ),
    (
        ("generator_epochs", "generator_batch_size", "latent_dim", "p"),
        lambda c: any_uses(c.compare, *GENERATORS),
        "--compare glico or dcgan",
    ),
    (
        ("unlabelled", "transductive"),
        lambda c: any_uses(c.compare, "glico", "mixmatch"),
        "--compare glico or mixmatch",
    ),
    (_OF_SGD, lambda c: not all(uses(row, "mixmatch") for row in c.compare), "a row without mixmatch"),
    (_WEAK, lambda c: not c.no_classifier, "a weak classifier: leave out --no-classifier"),
    (("weak_classifier",), lambda c: c.classifier_space == "image", "--classifier-space image"),
    (_NOISE, lambda c: not c.no_noise, "noise: leave out --no-noise"),
    (("noise_dim",), lambda c: c.noise == "concatenated", "--noise concatenated"),
)


def unused_options(given: GlicoConfig, defaults: dict[str, Any]) -> list[str]:
    """One line for each option that has another value than its default, and no effect.

    defaults: of fields, in place of the dataclass's own.
    """
    config = resolved(given)
    of_files = _beside_files(of_every_row(config, load_tuned(config)))
    return without_effect(given, config, defaults, (*_EFFECTS, *of_files))


def _beside_files(found: set[str]) -> Effects:
    """What depends on the options that the files of --tuned have for every row."""

    def counts_epochs(config: GlicoConfig) -> bool:
        return config.steps is None and "steps" not in found

    return (
        *(((name,), lambda c, name=name: name not in found, "a row that --tuned has none for") for name in NAMES),
        (("epochs",), lambda c: counts_epochs(c) or c.decay == "drops", "a classifier without --steps"),
        (
            ("budget", "epoch_images"),
            lambda c: counts_epochs(c) or any_uses(c.compare, *GENERATORS),
            "a classifier without --steps, or --compare glico or dcgan",
        ),
    )
