"""The options of bin/train_meta.py and bin/train_generator.py. Importing this file imports no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...datasets.registry import check_name, is_yours
from ...experiment.checks import above_zero, at_least, check_precision
from ...experiment.command_line import Distribute, Numbers, Precision, WholeNumbers
from ..tasks.checks import check_alpha
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
    """vae, msgan (both as in section 4.2), or the path of a saved generator."""
    latent_dim: int | None = None
    """Dimensions of the vae's latents; default: 20, for photographs 128. Of a TF-Hub module, where it does not say."""
    generator_epochs: int | None = None
    """Passes over the unlabelled images; default: 15 for the vae and 6 for msgan (the paper: 1,000 for its VAE)."""
    generator_batch_size: int | None = None
    """Images a step; default: 128 for the vae, 32 for msgan and for photographs."""
    generator_lr: float | None = None
    """Adam's learning rate; default: 0.001 for the vae (section 4.2), 0.0004 for msgan."""
    mode_seeking: float | None = None
    """Weight of msgan's mode-seeking loss; default: 0.01. Mao et al. use 1, which breaks the strokes of ink on paper
    (docs/results/msgan.md)."""
    n_unlabelled: int | None = None
    """Unlabelled images to use, drawn at random; default: all of the training classes' images."""
    precision: Precision = "float32"
    """What layers compute in; weights are float32 in all three. The mixed ones serve GPUs and TPUs that have them, and
    are slower on most CPUs. mixed_float16 scales losses, so that small gradients do not vanish."""
    distribute: Distribute | None = None
    """Several devices, each with its part of every batch. mirrored: all GPUs of this process. multi_worker: the
    processes that the environment's TF_CONFIG names, each started with this command; they share run directory and
    cache."""
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
        check_name(self.dataset)
        if not is_yours(self.dataset) and (self.image_size is not None or self.channels != "3"):
            raise ValueError("image_size and channels are for folders of images and tfds:NAME: leave them out")
        if self.generator not in BY_GENERATOR:
            self._only_for("the vae and msgan", "generator_epochs", "generator_batch_size", "generator_lr")
        if self.generator != "msgan":
            self._only_for("msgan", "mode_seeking")
        if self.generator != "vae" and not is_module(self.generator):
            self._only_for("the vae and TF-Hub modules", "latent_dim")
        check_precision(self.precision, self.distribute)
        at_least(self, 0, "seed", "mode_seeking")
        above_zero(self, "generator_lr")

    def _only_for(self, generators: str, *names: str) -> None:
        """Raises ValueError for the first of the fields that is given."""
        for name in names:
            if getattr(self, name) is not None:
                raise ValueError(f"{name} is for {generators}, and the generator is {self.generator}: leave it out")


@dataclass(frozen=True)
class MetaConfig(GeneratorConfig):
    generator: str = "vae"
    """vae, msgan (both as in section 4.2), progan or bigbigan (TF-Hub's, pretrained; progan:FOLDER for a copy that you
    have), hub:URL or hub:FOLDER of another TF-Hub module, or the path of a saved generator."""
    signature: str | None = None
    """The module's signature that generates; default: generate where it has one, else default."""
    output_range: Numbers | None = None
    """Lowest and highest pixel of the module, as in -1,1; default: 0,1, for bigbigan -1,1."""
    anchors: Literal["prior", "images"] | None = None
    """Where synthetic classes start: at draws of the prior (figure 1), or at unlabelled images, which the generator
    encodes (figure 2); default: images if it can, for TF-Hub modules prior."""
    tasks: Literal["synthetic", "supervised", "umtra"] = "synthetic"
    """synthetic: LASIUM. supervised: labelled tasks of the training classes. umtra: random images as classes."""
    learner: Literal["maml", "protonets", "scratch"] = "maml"
    """scratch: MAML's network with random weights, adapted to each test task but never meta-trained (section 4.1)."""
    strategy: Literal["n", "ro", "oc"] = "ro"
    """How a synthetic class grows from its anchor (section 3.2): noise, random out-of-class, other classes."""
    alpha: float = 0.2
    """Interpolation ratio of ro and oc, above 0 and at most 1 (table 7: 0.2 and 0.4)."""
    sigma2: float = 0.5
    """Variance of the noise of strategy n (table 7: 0.5, 1 and 2)."""
    epsilon: float | None = None
    """Least distance between a task's anchors in latent space; default: 15.69 for msgan as the authors', else the
    distance below which 1 pair in 20 lies."""
    n_way: int = 5
    """Classes of a task (tables 5 and 6)."""
    train_n_way: int | None = None
    """Classes of a training task, ProtoNets only; default: n_way."""
    train_k_shot: int = 1
    """Support images a class in meta-training (tables 5 and 6: 1)."""
    train_n_query: int = 5
    """Query images a class in meta-training (tables 5 and 6: 5)."""
    k_shot: WholeNumbers = (1, 5)
    """Support images a class in evaluation, one or more: 1,5."""
    n_query: int = 15
    """Query images a class in evaluation (tables 5 and 6: 15)."""
    n_tasks: int = 1000
    """Tasks of an evaluation (section 4)."""
    iterations: int = 1000
    """Meta-training steps (table 7: 1,000)."""
    meta_batch_size: int = 4
    """Tasks of a step (tables 5 and 6: 4)."""
    meta_lr: float = 0.001
    """Adam's learning rate (tables 5 and 6: 0.001)."""
    inner_lr: float = 0.4
    """Learning rate of MAML's adaptation (table 5: 0.4 on Omniglot)."""
    inner_steps: int = 5
    """Steps of MAML's adaptation in meta-training (table 5: 5)."""
    eval_inner_steps: int = 50
    """Steps of MAML's adaptation in evaluation (table 5: 50)."""
    first_order: bool = False
    """First-order MAML: no second derivatives."""
    batch_norm: Literal["transductive", "support"] = "transductive"
    """MAML's statistics for queries: of all queries of the task, as the authors do, or of the support alone."""
    downsampling: Literal["stride", "max_pool"] = "stride"
    """How the network's four blocks halve the image: stride as in the authors' code, max_pool as in section 4.2."""
    filters: int = 64
    """Filters of each convolution (section 4.2: 64)."""
    query_shift: int = 3
    """Pixels by which synthetic queries are shifted at random ("a small shift", section 4.6); 0: none."""
    query_affine: float = 0.0
    """Random rotation, scale and shear of synthetic queries, 1 for up to 0.3 rad, 1.25 and 0.2. Not in the paper."""
    checkpoint_every: int = 100
    """Iterations between checkpoints; divides --iterations."""
    val_tasks: int = 40
    """1-shot tasks of the validation classes at every checkpoint, for the curves; 0: none."""

    def __post_init__(self) -> None:
        """Raises ValueError for what is wrong whatever the data."""
        super().__post_init__()
        at_least(self, 1, "iterations", "n_tasks", "meta_batch_size", "checkpoint_every", "inner_steps")
        at_least(self, 1, "eval_inner_steps", "filters")
        at_least(self, 1, "n_way", "n_query", "train_n_way", "train_k_shot", "train_n_query")
        at_least(self, 0, "query_shift", "query_affine", "val_tasks", "epsilon")
        above_zero(self, "meta_lr", "inner_lr", "sigma2")
        check_alpha(self.alpha)
        self._check_module()
        if self.strategy == "oc" and 1 in (self.n_way, self.train_n_way):
            raise ValueError("strategy oc needs another class to interpolate towards: n_way is 1; use ro or n")
        if self.iterations % self.checkpoint_every:
            raise ValueError(
                f"iterations ({self.iterations}) must be a multiple of checkpoint_every ({self.checkpoint_every})"
            )
        if self.train_n_way not in (None, self.n_way) and self.learner != "protonets":
            raise ValueError(
                f"train_n_way ({self.train_n_way}) differs from n_way ({self.n_way}), which only protonets can: "
                f"the head of {self.learner} has n_way outputs"
            )

    def _check_module(self) -> None:
        """Raises ValueError for options of TF-Hub modules that cannot be, or without one."""
        if self.output_range is not None and not (
            len(self.output_range) == 2 and self.output_range[0] < self.output_range[1]
        ):
            words = ",".join(f"{number:g}" for number in self.output_range)
            raise ValueError(f"output_range is {words}; it must be two numbers that rise, as in -1,1")
        if not is_module(self.generator):
            self._only_for("TF-Hub modules", "signature", "output_range")


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


def prefers_onednn(learner: str | None, downsampling: str | None = None) -> bool:
    """Is oneDNN faster on a CPU (docs/results/speed.md)? Not for adapting to few small maps, as strides make them."""
    return learner not in ("maml", "scratch") or downsampling == "max_pool"
