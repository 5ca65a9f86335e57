"""What a row of results says of its run: the options that matter. Imports no TensorFlow."""

from __future__ import annotations

from .config import GlicoConfig, as_text
from .defaults import resolved
from .methods import uses


def options_text(config: GlicoConfig, method: str) -> str:
    """The options that change what the method's result means, for the tables."""
    initial = "pretrained" if config.pretrained else "from scratch"
    parts: list[str] = [config.classifier or "", initial, f"budget {config.budget:g}"]
    parts += [config.precision] * (config.precision != "float32") + [config.distribute or ""] * bool(config.distribute)
    epochs = ["epochs"] * (config.steps is None or config.decay == "drops")
    names = ["image_size", "channels", "no_mirror", "held_out", "epoch_images", *epochs, "steps", "batch_size"]
    of_sgd = ["lr", "momentum", "weight_decay", "decay", "drops", "drop_factor"]  # mixmatch has its authors' optimizer
    parts += _changed_options(config, *names, *of_sgd * (not uses(method, "mixmatch")))
    parts += [f"subset seed {config.subset_seed}"] * bool(config.subset_seed)
    parts += _changed_options(config, "guess_weight") if uses(method, "mixmatch") else []
    if uses(method, "dcgan"):
        parts += _changed_options(config, "p", "generator_epochs", "generator_batch_size", "latent_dim")
    if not uses(method, "glico"):
        return ", ".join(parts)
    parts += ["transductive" if config.transductive else "inductive"]
    parts += ["laplacian"] if config.perceptual == "laplacian" else [_taps(config)]
    parts += [config.vgg_weights.name] if config.vgg_weights else []
    names = ["weak_classifier"] * (not config.no_classifier and config.classifier_space == "image")
    names += ["p", "ratios", "generator_epochs", "generator_batch_size", "generator_lr", "code_lr", "latent_dim"]
    names += ["sigma"] * (not config.no_noise) + ["gamma"] * (not config.no_classifier)
    names += ["noise_dim"] * (not config.no_noise and config.noise == "concatenated")
    names += ["confidence"] * uses(method, "pseudo-labels")
    names += ["tap_weights", "pixel_weight"] * (config.perceptual == "vgg16")
    return ", ".join(parts + _changed_options(config, *names))


def _taps(config: GlicoConfig) -> str:
    return f"{len(config.taps)} VGG taps" if config.taps == GlicoConfig.taps else f"VGG taps {as_text(config.taps)}"


def _changed_options(config: GlicoConfig, *names: str) -> list[str]:
    """Those of the fields that differ from their default, which may depend on a few others."""
    decisive = [name for name in ("dataset", "channels", "perceptual", "batch_size") if name not in names]
    usual = resolved(GlicoConfig(**{name: getattr(config, name) for name in decisive}))
    changed = [name for name in names if getattr(config, name) != getattr(usual, name)]
    return [f"{name.replace('_', ' ')} {as_text(getattr(config, name))}" for name in changed]
