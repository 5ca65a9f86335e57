"""The generator of a run: trained on the unlabelled images, found in the cache, or loaded from a file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import keras

from ...datasets import FewShotDataset, load_dataset
from ...datasets.cache import cache_folder
from ...datasets.unlabelled import image_batches
from ...experiment.plots import save_curves
from ...experiment.run_directory import RunDirectory
from ...models.generator import Generator, as_generator, load_generator
from ...models.msgan import omniglot_msgan
from ...models.vae import celeba_vae, omniglot_vae
from ...training.determinism import seed_everything
from ...training.devices import check_sharing, on_devices
from ...training.distribution import n_devices
from ...training.files import copy_whole
from ...training.fit import train
from ...training.precision import set_precision
from .config import GeneratorConfig

TRAINABLE = ("vae", "msgan")
RECIPE = 2  # raise it when the networks or their training change: a generator of an older recipe is not reused


def load(config: GeneratorConfig) -> FewShotDataset:
    return load_dataset(config.dataset, config.data_dir, config.n_unlabelled, config.image_size, int(config.channels))


def untrained_generator(config: GeneratorConfig, image_shape: tuple[int, int, int]) -> keras.Model:
    """The compiled network of that name. Raises ValueError for images that it cannot make."""
    assert config.generator_lr is not None, "resolve the config first"
    if config.generator == "vae":
        assert config.latent_dim is not None, "resolve the config first"
        vae = (omniglot_vae if max(image_shape[:2]) <= 32 else celeba_vae)(image_shape, config.latent_dim, config.seed)
        vae.compile(keras.optimizers.Adam(config.generator_lr))
        return vae
    assert config.mode_seeking is not None, "resolve the config first"
    msgan = omniglot_msgan(image_shape, mode_seeking=config.mode_seeking, seed=config.seed)
    optimizers = [keras.optimizers.Adam(config.generator_lr, beta_1=0.5) for _ in range(2)]
    msgan.compile(*optimizers)
    return msgan


def check_generator(config: GeneratorConfig, dataset: FewShotDataset) -> Generator:
    """The generator before any training. Raises ValueError where it cannot be trained on the dataset."""
    batch_size = config.generator_batch_size or 1
    if len(dataset.unlabelled) < batch_size:
        raise ValueError(
            f"generator_batch_size is {batch_size}, and {dataset.name} has {len(dataset.unlabelled)} images"
        )
    check_sharing(generator_batch_size=batch_size)
    if config.generator == "msgan" and batch_size < 2 * n_devices():
        raise ValueError(
            f"generator_batch_size is {batch_size}; the mode-seeking loss compares pairs on each device: "
            f"give {2 * n_devices()} or more"
        )
    return as_generator(untrained_generator(config, dataset.image_shape))


def obtain_generator(
    config: GeneratorConfig,
    dataset: FewShotDataset,
    folder: Path,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Generator:
    """The trained generator of the run in `folder`, trained there unless the run or the cache has it already.

    Afterwards `folder/generator.keras` is a copy of it, and the cache has one that was trained by its configuration.
    """
    own = folder / "generator.keras"
    if not own.exists():
        file = _trained_file(config, dataset, folder, callbacks)
        print(f"generator: {file}")
        copy_whole(file, own)
    return load_generator(own)


def _trained_file(
    config: GeneratorConfig, dataset: FewShotDataset, folder: Path, callbacks: Sequence[keras.callbacks.Callback]
) -> Path:
    """The file in the cache of the generator of that configuration, trained now where there is none."""
    cached = cache_folder() / "generators" / f"{dataset.name}-{config.generator}-{_fingerprint(config, dataset)}.keras"
    if not cached.exists():
        model = _train(config, dataset, folder, callbacks)
        cached.parent.mkdir(parents=True, exist_ok=True)
        part = cached.with_suffix(f".{os.getpid()}.keras")
        model.save(part)
        os.replace(part, cached)
    return cached


def _train(
    config: GeneratorConfig, dataset: FewShotDataset, folder: Path, callbacks: Sequence[keras.callbacks.Callback]
) -> keras.Model:
    epochs, batch_size = config.generator_epochs, config.generator_batch_size
    assert epochs is not None, "resolve the config first"
    assert batch_size is not None, "resolve the config first"
    seed_everything(config.seed)
    model = untrained_generator(config, dataset.image_shape)
    steps_per_epoch = len(dataset.unlabelled) // batch_size
    history = train(
        model,
        lambda start: image_batches(dataset.unlabelled, batch_size, config.seed, start),
        epochs,
        steps_per_epoch,
        folder / "generator-checkpoints",
        folder / "logs" / "generator",
        f"training the {config.generator}",
        callbacks=callbacks,
    )
    save_curves(folder / "pictures" / "generator-curves.png", history, steps_per_epoch)
    return model


def _fingerprint(config: GeneratorConfig, dataset: FewShotDataset) -> str:
    """Sixteen digits of what decides the generator's weights: its options and the images."""
    names = ["generator", "generator_epochs", "generator_batch_size", "generator_lr", "mode_seeking", "seed"]
    names += ["latent_dim"] * (config.generator == "vae" and config.latent_dim != 20)  # 20 is the recipe's own
    names += ["precision"] * (config.precision != "float32")
    chosen = {"recipe": RECIPE} | {name: getattr(config, name) for name in names}
    chosen |= {"devices": n_devices()} if n_devices() > 1 else {}
    options = json.dumps(chosen, sort_keys=True)
    digest = hashlib.sha256(options.encode())
    images = dataset.unlabelled
    for first in range(0, len(images), 1000):
        digest.update(images[first : first + 1000].tobytes())
    return digest.hexdigest()[:16]


def run(config: GeneratorConfig) -> None:
    """One run of bin/train_generator.py. Raises ValueError for a generator that cannot be trained."""
    if config.generator not in TRAINABLE:
        raise ValueError(f"{config.generator!r} is no generator to train: choose one of {', '.join(TRAINABLE)}")
    with on_devices(config) as own:
        _run(own)


def _run(config: GeneratorConfig) -> None:
    assert config.run_dir is not None, "resolve the config first"
    directory = RunDirectory(config.run_dir)
    directory.check(dataclasses.asdict(config), config.resume)
    set_precision(config.precision)
    dataset = load(config)
    check_generator(config, dataset)
    directory.start(dataclasses.asdict(config), config.resume)
    obtain_generator(config, dataset, directory.path)
    print(
        f"bin/train_meta.py --dataset {config.dataset} --generator {config.generator} finds it again under the same "
        f"generator options; elsewhere use --generator {directory.path / 'generator.keras'}"
    )
