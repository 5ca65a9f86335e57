"""The options of bin/train_glico.py. Importing this file imports no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from ...datasets.registry import check_name, is_user_dataset
from ...experiment.checks import above_zero, at_least, at_most, between, check_precision, check_seeds, whole_numbers
from ...experiment.command_line import Distribute, Flag, Numbers, Precision, WholeNumbers, Words
from .methods import GENERATORS, any_uses, check_methods, uses


@dataclass(frozen=True)
class GlicoConfig:
    # what is learned from
    dataset: str = "digits"
    """digits (real handwritten ones) or letters (from fonts), which need no network; cifar10, cifar100, cub200;
    folder:PATH with train/CLASS/... and test/CLASS/..., or with classes alone; or tfds:NAME[/CONFIG], any image
    classification set of TensorFlow Datasets."""
    data_dir: Path | None = None
    """Folder of the copies prepared by TensorFlow Datasets; default: TFDS_DATA_DIR, or its own. For cub200 also the
    folder that holds the unpacked archive CUB_200_2011."""
    image_size: int | None = None
    """folder and tfds: pixels a side; default: about the first image's, 128 at most, for tfds 80."""
    channels: Literal["1", "3"] = "3"
    """folder and tfds: 1 for grey images, 3 for colour."""
    held_out: float = 0.2
    """folder without train and test: the share of each class that is kept for testing."""
    no_mirror: Flag = False
    """folder and tfds: never flip images from left to right, which would make another letter of b."""
    skip_bad: bool = False
    """folder: leave out files that are no image, and say how many, where otherwise the first one is an error."""
    samples_per_class: WholeNumbers = (10,)
    """Labelled images of each class, one number or several: 10,25,50. The smaller samples are part of the larger."""
    subset_seed: int = 0
    """Of the sample; the second seed's sample is drawn with one more, and so on."""
    unlabelled: int = 0
    """Other training images, without labels: the generator reconstructs them, and MixMatch guesses their labels."""
    transductive: bool = False
    """The test images too serve so, without their labels (section III-B)."""
    split: Literal["test", "validation"] = "test"
    """What is classified: the test images, or up to 200 training images of each class that no sample holds. Choose
    options on the latter."""

    # what is compared
    compare: Words = ("baseline", "cutout", "glico")
    """Rows of the table: baseline, glico, cutout, random-erasing, mixup, autoaugment, cosine (the loss of Barz and
    Denzler 2020), mixmatch (by Adam), dcgan (its images in place of GLICO's), or some together, as in glico+cutout.
    glico+pseudo-labels: images without labels get the weak classifier's, and take part in sampling and in the
    classifier's training."""
    seeds: int | None = None
    """Repetitions, each with another sample, weights and batches; default: 3 (the paper: seeds), for digits 5."""
    seed: int = 0
    """The first of the seeds."""
    budget: float | None = None
    """Shrinks the epochs of generator and classifier together; default: 1, for all but the paper's datasets 0.1."""

    # the classifier
    classifier: str | None = None
    """wrn-28-10 and other wide residual networks; cnn-32 and other widths of a plain network, the better one for few
    images and the default of your own; resnet-50, vgg-19, weak-cnn; default: by dataset."""
    pretrained: bool = False
    """Start resnet-50 or vgg-19 from ImageNet's weights, as the authors do for GLICO on CUB-200."""
    epochs: int | None = None
    """Of the classifier; default: 200 (section IV-C), for folder and tfds 80 but with the default --drops."""
    steps: int | None = None
    """Steps of the classifier, and up to a twentieth more; default: as epochs, their images and the budget give."""
    epoch_images: int | None = None
    """Images in an epoch of classifier and generator; the sample is repeated to fill it. Default: as many as the whole
    training set holds, the paper's oversampling (section IV-C); of your own 5,000, or ten times the sample."""
    batch_size: int | None = None
    """Images a step, at most the sample; default: 128, cub200 16 (section IV-C), digits and letters 64, your own 10."""
    lr: float | None = None
    """SGD's learning rate; default: 0.1, and 0.001 for cub200 (section IV-C), for folder and tfds 0.01."""
    momentum: float = 0.9
    """Nesterov momentum of SGD."""
    weight_decay: float | None = None
    """L2 of the classifier's kernels; default: 0.0005, for folder and tfds 0.005."""
    decay: Literal["drops", "cosine"] | None = None
    """Of the learning rate: at --drops, or along half a cosine to 0; default: drops, for folder and tfds cosine."""
    drops: WholeNumbers = (60, 120, 160)
    """Epochs at which the learning rate falls, as in the authors' code, with --decay drops."""
    drop_factor: float = 0.2
    """Factor of the learning rate at each of them."""
    p: float = 0.5
    """Probability that an image is replaced by a sampled one (section IV-B)."""
    guess_weight: float = 75.0
    """Of MixMatch's guessed labels beside the given ones, its lambda_u (there 75 for CIFAR-10, 150 for CIFAR-100)."""
    ratios: Numbers = (0.1, 0.2, 0.3, 0.4)
    """Interpolation ratios that a sample draws from (section IV-B); below 0 it moves away from its partner."""
    interpolation: Literal["slerp", "lerp"] = "slerp"
    """Between codes; lerp is an ablation of table II."""

    # the generative model
    generator_epochs: int = 200
    """Epochs of codes and generator (section IV-C)."""
    generator_batch_size: int | None = None
    """Images a step; default: as --batch-size, for folder and tfds 50."""
    generator_lr: float = 0.002
    """Adam's learning rate for generator and weak classifier (the authors' code: 0.0007, halved every 70 epochs)."""
    code_lr: float = 0.01
    """Adam's learning rate for the codes (the authors' code: 0.001)."""
    latent_dim: int = 128
    """Dimensions of a code (section IV-C: 128)."""
    noise_dim: int = 16
    """Dimensions of the noise beside it (the paper gives none; the authors' code: 100, through a layer of its own)."""
    sigma: float = 0.15
    """Standard deviation of the noise, as in the authors' code."""
    noise: Literal["concatenated", "additive"] = "concatenated"
    """additive is a design choice of table III."""
    no_noise: Flag = False
    """Ablation of table II."""
    gamma: float | None = None
    """Weight of the weak classifier's cross-entropy; default: 0.5 as in the authors' code, with laplacian 0.01."""
    weak_classifier: str = "weak-cnn"
    """What tells the classes of generated images apart: the same names as --classifier (figure 7)."""
    no_classifier: Flag = False
    """Ablation of table II: reconstruction alone, as GLO."""
    classifier_space: Literal["image", "latent"] = "image"
    """What the weak classifier sees; latent is a design choice of table III."""
    init: Literal["random", "hypercube", "resnet"] = "random"
    """Where the codes start (section V-B)."""
    perceptual: Literal["vgg16", "laplacian"] | None = None
    """Reconstruction loss: equation 1, or GLO's Laplacian pyramid, which needs no weights; default: vgg16, for digits,
    letters and --channels 1 laplacian."""
    vgg_weights: Path | None = None
    """A .weights.h5 file of VGG-16, whole or its first blocks; default: ImageNet's, which Keras downloads."""
    taps: Words = ("block1_conv2", "block2_conv2", "block3_conv2", "block4_conv2", "block5_conv2")
    """Layers of VGG-16 that are compared (equation 1)."""
    tap_weights: Numbers | None = None
    """Their weights lambda, each in proportion to the tap's mean activation; default: all alike, 1 together."""
    pixel_weight: float = 0.0
    """Weight of the pixels' own difference, which the authors' code adds."""

    # pseudo-labels, and how far made images are from real ones
    confidence: float = 0.95
    """Of the weak classifier in its choice, from which on it is a pseudo-label (0.95 in Sohn et al. 2020)."""
    features: str | None = None
    """Measure how far the images of glico and dcgan are from those that are classified, by Frechet and kernel distance
    of the features of this network of keras.applications: inception-v3, mobilenet:0.25 and others (figure 1)."""
    features_weights: Path | None = None
    """A file of its weights without the head, as Keras publishes them; default: ImageNet's, which Keras downloads."""
    features_side: int = 299
    """Pixels a side that it sees; images are scaled to them."""

    precision: Precision = "float32"
    """What layers compute in; weights are float32 in all three. The mixed ones serve GPUs and TPUs that have them, and
    are slower on most CPUs. mixed_float16 scales losses, so that small gradients do not vanish."""
    distribute: Distribute | None = None
    """Several devices, each with its part of every batch. mirrored: all GPUs of this process. multi_worker: the
    tasks of a step of SLURM, or the processes that the environment's TF_CONFIG names, each started with this command;
    they share run directory and cache (docs/clusters.md)."""
    options_from: Path | None = None
    """The best.json of a run of bin/tune.py: options in place of the defaults; those beside it take theirs."""
    tuned: Words | None = None
    """Several best.json files, each for its own row and labelled images a class: its learning rate, weight decay, steps
    and batch size replace the run's there. Rows without one take the baseline's of their size."""
    run_dir: Path | None = None
    """Where the run is written; default: a folder under runs/ named by the options that matter most."""
    resume: bool = False
    """Continue the run in --run-dir where it stopped; without one there, start it."""

    def __post_init__(self) -> None:
        """Raises ValueError for what is wrong whatever the data."""
        check_name(self.dataset, "image")
        check_precision(self.precision, self.distribute)
        at_least(self, 1, "image_size", "seeds", "epochs", "batch_size", "generator_epochs", "generator_batch_size")
        at_least(self, 1, "epoch_images", "steps")
        at_least(self, 2, "latent_dim")
        at_least(self, 32, "features_side")
        at_most(self, 4096, "image_size", "latent_dim", "noise_dim", "features_side")
        if (self.unlabelled or self.transductive) and self.generator_batch_size == 1:
            raise ValueError("generator_batch_size is 1; with unlabelled images it must be 2 or more")
        at_least(self, 0, "unlabelled", "weight_decay", "noise_dim", "sigma", "gamma", "pixel_weight", "guess_weight")
        check_seeds(self, "subset_seed", "seed")
        above_zero(self, "budget", "lr", "generator_lr", "code_lr", "drop_factor")
        between(self, 0, 1, "p", "momentum", "held_out", "confidence")
        if not self.ratios or not all(-1 <= ratio <= 1 for ratio in self.ratios):
            raise ValueError(f"ratios are ({_listed(self.ratios)}): one or more, none further from 0 than 1")
        if self.decay == "cosine":
            self._only_for("--decay drops, which is to be given too", "drops", "drop_factor")
        end = [self.epochs] if self.decay == "drops" and self.epochs else []
        if any(a >= b for a, b in pairwise([0, *self.drops, *end])):
            rest = f" ({self.epochs})" * bool(self.epochs) + ": give other --drops, or --decay cosine"
            raise ValueError(f"drops are {_listed(self.drops)}; they must rise and stay below epochs{rest}")
        whole_numbers(self, "samples_per_class")
        check_methods(self.compare)
        self._check_new_images()
        if not any_uses(self.compare, "mixmatch"):
            self._only_for("--compare mixmatch", "guess_weight")
        if not self.dataset.startswith("folder:"):
            self._only_for("folders of images", "held_out", "skip_bad")
        if not is_user_dataset(self.dataset):
            self._only_for("folders of images and tfds:NAME", "image_size", "channels", "no_mirror")
        if self.perceptual == "laplacian":
            self._only_for("VGG-16's loss, not laplacian", "vgg_weights", "taps", "tap_weights", "pixel_weight")
        if self.tap_weights is not None and len(self.tap_weights) != len(self.taps):
            raise ValueError(f"{len(self.tap_weights)} tap_weights were given for {len(self.taps)} taps")

    def _check_new_images(self) -> None:
        """Raises ValueError for what does not go with the rows that make images."""
        if not any_uses(self.compare, "pseudo-labels"):
            self._only_for("--compare glico+pseudo-labels", "confidence")
        elif not (self.unlabelled or self.transductive):
            raise ValueError("pseudo-labels are for images without labels: give --unlabelled N, or --transductive")
        elif self.no_classifier:
            raise ValueError("pseudo-labels come from the weak classifier: leave out no_classifier")
        if self.features is None:
            self._only_for("--features NETWORK", "features_weights", "features_side")
        elif not any_uses(self.compare, *GENERATORS):
            raise ValueError("features compare made images with real ones: add glico or dcgan to --compare")

    def _only_for(self, what: str, *names: str) -> None:
        """Raises ValueError for the first of the fields that is not as it was."""
        defaults = {f.name: f.default for f in fields(self)}
        for name in names:
            if getattr(self, name) != defaults[name]:
                raise ValueError(f"{name} is for {what}: leave it out")

    @property
    def all_seeds(self) -> range:
        assert self.seeds is not None, "resolve the config first"
        return range(self.seed, self.seed + self.seeds)

    def variant(self, method: str) -> str:
        """How the method differs from the paper's of its name: the rows of tables II and III, and what images without
        labels it has; empty where in nothing."""
        without_labels = ["transductive"] * self.transductive
        without_labels += [f"{self.unlabelled} unlabelled"] * bool(self.unlabelled)
        if not uses(method, "glico"):
            return ", ".join(without_labels * uses(method, "mixmatch"))
        parts = ["no classifier"] * self.no_classifier + ["no noise"] * self.no_noise
        parts += ["lerp"] * (self.interpolation == "lerp") + without_labels
        parts += ["latent classifier"] * (self.classifier_space == "latent" and not self.no_classifier)
        parts += [f"{self.init} init"] * (self.init != "random")
        parts += ["additive noise"] * (self.noise == "additive" and not self.no_noise)
        return ", ".join(parts)


def _listed(values: Any) -> str:
    return ", ".join(map(as_text, values))


def as_text(value: Any) -> str:
    if isinstance(value, tuple):
        return "/".join(map(as_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
