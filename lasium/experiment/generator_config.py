"""The options of bin/train_generator.py, which bin/train_meta.py has too. Importing this file imports no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...datasets.registry import check_name, is_user_dataset
from ...experiment.checks import above_zero, at_least, at_most, check_precision, check_seeds
from ...experiment.command_line import Distribute, Precision
from .presets import BY_GENERATOR


@dataclass(frozen=True)
class GeneratorConfig:
    dataset: str = "glyphs"
    """glyphs (needs no network), omniglot, celeba, celeba-attributes, mini-imagenet; digits, letters, cifar10, cifar100
    or cub200; folder:PATH with images of your own, in folders or not; or tfds:NAME[/CONFIG], any image
    classification set of TensorFlow Datasets."""
    data_dir: Path | None = None
    """Folder of the copies prepared by TensorFlow Datasets; default: TFDS_DATA_DIR, or its own. For celeba and
    celeba-attributes also that of the official archive, for mini-imagenet that of ImageNet's class folders."""
    image_size: int | None = None
    """folder and tfds: pixels a side; default: the shorter side of the first image, 84 at most."""
    channels: Literal["1", "3"] = "3"
    """folder and tfds: 1 for grey images, 3 for colour."""
    generator: str = "vae"
    """vae, msgan (both as in section 4.2), acai, bigan (whose encoders Hsu et al. 2019 use), or the path of a saved
    generator."""
    latent_dim: int | None = None
    """Dimensions of the latents: of the vae, default 20, for photographs 128; of bigan, default 200 (Hsu et al. 2019);
    of a TF-Hub module, where it does not say."""
    generator_epochs: int | None = None
    """Passes over the unlabelled images; default: 15 for the vae (the paper: 1,000), 6 for msgan and acai, 12 for
    bigan, 20 for deepcluster."""
    generator_min_steps: int | None = None
    """Least steps of its training, whatever the passes; default: 1,000 for photographs where --generator-epochs is not
    given, so that a few hundred of them suffice."""
    generator_batch_size: int | None = None
    """Images a step; default: 128 for the vae (of photographs 32), 32 for msgan, 64 for acai and bigan, 128 for
    deepcluster."""
    generator_lr: float | None = None
    """Adam's learning rate; default: 0.001 for the vae (section 4.2), 0.0004 for msgan, 0.0005 for acai and bigan; that
    of SGD, 0.05, for deepcluster."""
    mode_seeking: float | None = None
    """Weight of msgan's mode-seeking loss; default: 0.01. Mao et al. use 1, which breaks the strokes of ink on paper
    (docs/results/msgan.md)."""
    any_generator: bool = False
    """Go on with a generator that does not beat the mean image or whose images are all alike, where otherwise the run
    ends."""
    n_unlabelled: int | None = None
    """Unlabelled images to use, drawn at random; default: all of the training classes' images."""
    precision: Precision = "float32"
    """What layers compute in; weights are float32 in all three. The mixed ones serve GPUs and TPUs that have them, and
    are slower on most CPUs. mixed_float16 scales losses, so that small gradients do not vanish."""
    distribute: Distribute | None = None
    """Several devices, each with its part of every batch. mirrored: all GPUs of this process. multi_worker: the
    tasks of a step of SLURM, or the processes that the environment's TF_CONFIG names, each started with this command;
    they share run directory and cache (docs/clusters.md)."""
    seed: int = 0
    """Of weights, batches and tasks; a dataset's splits and its --n-unlabelled are the same under every seed.
    Evaluation tasks are the same for every method under a seed."""
    run_dir: Path | None = None
    """Where the run is written; default: a folder under runs/ named by the options that matter most."""
    resume: bool = False
    """Continue the run in --run-dir from its last checkpoint; without one there, start it."""

    def __post_init__(self) -> None:
        """Raises ValueError for what is wrong whatever the data."""
        at_least(self, 1, "generator_epochs", "generator_batch_size", "n_unlabelled", "image_size", "latent_dim")
        at_most(self, 4096, "image_size", "latent_dim")
        check_name(self.dataset)
        if not is_user_dataset(self.dataset) and (self.image_size is not None or self.channels != "3"):
            raise ValueError("image_size and channels are for folders of images and tfds:NAME: leave them out")
        if self.generator not in BY_GENERATOR:
            trained = ("generator_epochs", "generator_batch_size", "generator_lr", "generator_min_steps")
            self._only_for(", ".join(BY_GENERATOR), *trained)
        if self.generator != "msgan":
            self._only_for("msgan", "mode_seeking")
        if self.generator not in ("vae", "bigan") and not is_module(self.generator):
            self._only_for("the vae, bigan and TF-Hub modules", "latent_dim")
        check_precision(self.precision, self.distribute)
        at_least(self, 0, "mode_seeking", "generator_min_steps")
        check_seeds(self, "seed")
        above_zero(self, "generator_lr")

    def _only_for(self, generators: str, *names: str) -> None:
        """Raises ValueError for the first of the fields that is given."""
        for name in names:
            if getattr(self, name) is not None:
                raise ValueError(f"{name} is for {generators}, and the generator is {self.generator}: leave it out")


def is_module(generator: str) -> bool:
    """Is it one of TF-Hub?"""
    kind, _, place = generator.partition(":")
    return kind in ("progan", "bigbigan") or (kind == "hub" and bool(place))


def generator_name(generator: str) -> str:
    """Of a file or a module's folder its stem; of RUN/generator.keras, as bin/train_generator.py writes it, the run's
    name."""
    kind, _, place = generator.partition(":")
    if kind in ("progan", "bigbigan"):
        return kind
    path = Path(place if kind == "hub" else generator)
    if kind == "hub" and path.name.isdecimal():  # a version, as in progan-128/1
        path = path.parent
    return path.parent.name if path.name == "generator.keras" and path.parent.name else path.stem
