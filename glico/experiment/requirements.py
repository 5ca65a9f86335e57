"""What a row of a recipe needs that is not on this machine. Imports no TensorFlow."""

from __future__ import annotations

import os
from pathlib import Path

from ...datasets.availability import missing_data
from ...experiment.recipe import Options
from .config import GlicoConfig
from .defaults import resolved
from .methods import any_uses

VGG16 = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"  # as keras.applications names the file
RESNET50 = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"


def missing(options: Options) -> str:
    """One line; empty where the row can run without a download. options: of the row, with data_dir."""
    config = resolved(GlicoConfig(**options))
    lacking = [missing_data(config.dataset, config.data_dir)]
    if any_uses(config.compare, "glico"):
        needs_vgg = config.perceptual == "vgg16" and config.vgg_weights is None
        lacking += [_missing_weights(VGG16, "VGG-16's", ", or --options vgg_weights=FILE")] * needs_vgg
    from_imagenet = config.pretrained and config.classifier == "resnet-50"
    if from_imagenet or (config.init == "resnet" and any_uses(config.compare, "glico")):
        lacking.append(_missing_weights(RESNET50, "ResNet-50's"))
    if config.features and config.features_weights is None:
        way_out = ", or --options features=NETWORK features_weights=FILE"
        lacking.append(
            _missing_weights(
                f"{config.features.replace('-', '_').partition(':')[0]}*no*top*", f"{config.features}'s", way_out
            )
        )
    return "; ".join(filter(None, lacking))


def _missing_weights(file: str, whose: str, way_out: str = "") -> str:
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    return "" if list((home / "models").glob(file)) else f"{whose} weights (a download by Keras{way_out})"
