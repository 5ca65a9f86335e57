"""The options of bin/train_meta.py. Importing this file imports no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...experiment.checks import above_zero, at_least, at_most, whole_numbers
from ...experiment.command_line import Numbers, WholeNumbers
from ..tasks.checks import check_alpha, check_generated_share
from .embedding_config import CLASSIFIERS, EmbeddingConfig, check_embedding, is_network, trains_or_loads
from .generator_config import is_module


@dataclass(frozen=True)
class MetaConfig(EmbeddingConfig):
    generator: str = "vae"
    """vae, msgan (both as in section 4.2), acai, bigan (whose encoders Hsu et al. 2019 use), progan or bigbigan
    (TF-Hub's, pretrained; progan:FOLDER for a copy that you have), hub:URL or hub:FOLDER of another TF-Hub module, or
    the path of a saved generator."""
    signature: str | None = None
    """The module's signature that generates; default: the first of generate, default and serving_default, or the only
    one."""
    output_range: Numbers | None = None
    """Lowest and highest pixel of the module, as in -1,1; default: 0,1, for bigbigan -1,1."""
    anchors: Literal["prior", "images"] | None = None
    """Where synthetic classes start: at draws of the prior (figure 1), or at unlabelled images, which the generator
    encodes (figure 2); default: images if it can, for TF-Hub modules prior. acai has no prior."""
    recipe: Literal["paper", "strong"] = "paper"
    """Where the command line takes the other options' defaults from. paper: tables 5 and 6. strong: what did best on
    validation classes (docs/results/strong.md), and what folder and tfds have without the option."""
    tasks: Literal["synthetic", "supervised", "umtra", "augmented", "cactus"] = "synthetic"
    """synthetic: LASIUM. supervised: labelled tasks of the training classes. umtra: random images as classes.
    augmented: the same with the images of --augmentation in place of UMTRA's; no generator. cactus: clusters of the
    unlabelled images' --embedding as classes."""
    learner: Literal["maml", "protonets", "scratch", "knn", "linear", "mlp", "cluster-matching"] = "maml"
    """scratch: MAML's network with random weights, adapted to each test task but never meta-trained (section 4.1).
    knn, linear, mlp, cluster-matching: a classifier of each task on an --embedding, which is never meta-trained either
    (table 1): nearest neighbours, logistic regression, a hidden layer with dropout, clusters named by the support."""
    strategy: Literal["n", "ro", "oc"] = "ro"
    """How a synthetic class grows from its anchor (section 3.2): noise, random out-of-class, other classes."""
    alpha: float = 0.2
    """Interpolation ratio of ro and oc, above 0 and at most 1 (table 7: 0.2 and 0.4). oc goes no further than 0.45."""
    sigma2: float = 0.5
    """Variance of the noise of strategy n (table 7: 0.5, 1 and 2)."""
    distance: Literal["fixed", "uniform"] = "fixed"
    """How far a synthetic class's vectors are from its anchor: as alpha or sigma2 say, or anywhere up to there."""
    generated_share: float = 1.0
    """Of a synthetic class's images after the first, the share that the generator makes; the others are copies of the
    first, which --augmentation changes."""
    rendering: Literal["paper", "decoded", "difference"] = "paper"
    """What a synthetic class shows that starts with an image. paper: the image, then decoded ones (figure 2). decoded:
    its reconstruction, then decoded ones. difference: the image, then the image plus what the way through latent space
    changes in the decoded one. Generators that encode no images, as msgan, have decoded ones alone."""
    augmentation: Literal["paper", "ink", "print", "photograph"] = "paper"
    """Of the images of training tasks. paper: --query-shift and --query-affine, of synthetic queries. ink: affine maps
    and elastic warps; print: the strokes' width too; photograph: crops, flips and colours; of supports and queries."""
    quarter_turns: bool = False
    """Turn each class of a training task by a random multiple of 90 degrees: more characters."""
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
    """Meta-training steps (table 7: 1,000). 0: none, the network stays as it comes."""
    meta_batch_size: int = 4
    """Tasks of a step (tables 5 and 6: 4)."""
    meta_lr: float = 0.001
    """Adam's learning rate (tables 5 and 6: 0.001)."""
    meta_lr_schedule: Literal["constant", "cosine"] = "constant"
    """cosine: it falls to 0 over the iterations, along half a cosine."""
    similarity: Literal["euclidean", "cosine"] = "euclidean"
    """ProtoNets: of a query and a prototype. cosine: the cosine over --temperature."""
    temperature: float = 0.1
    """ProtoNets with cosine similarity."""
    alternate_support: bool = False
    """ProtoNets: every image of a class is in turn its support in meta-training, and the others its queries."""
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
    network: str = "conv4"
    """conv4; for ProtoNets also any network of keras.applications, such as resnet50 or mobilenet:0.25 (its width)."""
    weights: str | None = None
    """Of the network: imagenet, which Keras downloads once, or a file of them without the head; default: random ones,
    of an --embedding imagenet. With weights, batch normalization keeps its statistics."""
    network_side: int | None = None
    """Pixels that images are scaled to for such a network, 32 at least; default: they stay as they are."""
    discriminants: int | None = None
    """ProtoNets: after meta-training, project the features on as many directions, those in which classes of training
    tasks differ most, measured by how much their members do (linear discriminant analysis); default: none."""
    neighbours: int | None = None
    """ProtoNets: add to an image's features twice the mean of the as many unlabelled images most alike. It helps where
    the unlabelled images show the classes that are to be told apart, and not elsewhere; default: none."""
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
    calibration_tasks: int = 100
    """Tasks of the validation classes that the probabilities' temperature and the threshold of "none of these" are
    fitted on, for each of --k-shot, and of the test classes that they are measured on; 0: none."""

    def __post_init__(self) -> None:
        """Raises ValueError for what is wrong whatever the data. An embedding to be trained is the run's generator."""
        super().__post_init__()
        at_least(self, 2, "n_tasks")  # one task has no interval
        at_least(self, 1, "meta_batch_size", "checkpoint_every", "inner_steps", "eval_inner_steps")
        at_least(self, 1, "filters", "discriminants", "neighbours")
        at_least(self, 1, "n_way", "n_query", "train_n_way", "train_k_shot", "train_n_query")
        at_least(self, 0, "iterations", "query_shift", "query_affine", "val_tasks", "calibration_tasks", "epsilon")
        above_zero(self, "meta_lr", "inner_lr", "sigma2", "temperature")
        at_most(self, 4096, "filters", "network_side")
        at_most(self, 10, "query_affine")
        whole_numbers(self, "k_shot")
        check_embedding(self)
        if self.needs_embedding and trains_or_loads(self.embedding):
            object.__setattr__(self, "generator", self.embedding)
        check_alpha(self.alpha)
        check_generated_share(self.generated_share)
        self._check_module()
        self._check_network()
        self._check_copies()
        if self.strategy == "oc" and self.needs_tasks and 1 in (self.n_way, self.train_n_way):
            raise ValueError("strategy oc needs another class to interpolate towards: n_way is 1; use ro or n")
        if self.is_meta_trained and self.iterations % self.checkpoint_every:
            raise ValueError(
                f"iterations ({self.iterations}) must be a multiple of checkpoint_every ({self.checkpoint_every})"
            )
        if self.train_n_way not in (None, self.n_way) and self.learner != "protonets":
            raise ValueError(
                f"train_n_way ({self.train_n_way}) differs from n_way ({self.n_way}), which only protonets can: "
                f"the head of {self.learner} has n_way outputs"
            )

    @property
    def is_meta_trained(self) -> bool:
        return self.learner in ("maml", "protonets") and self.iterations > 0

    @property
    def is_classifier(self) -> bool:
        """Is the learner one that sees an embedding in place of images?"""
        return self.learner in CLASSIFIERS

    @property
    def needs_embedding(self) -> bool:
        return self.is_classifier or self.has_tasks_of_clusters

    @property
    def has_tasks_of_clusters(self) -> bool:
        return self.needs_tasks and self.tasks == "cactus"

    @property
    def embeds_by_network(self) -> bool:
        """Is the embedding a network of keras.applications?"""
        return self.needs_embedding and is_network(self.embedding)

    @property
    def needs_tasks(self) -> bool:
        """For meta-training, or for discriminants."""
        return self.is_meta_trained or bool(self.discriminants)

    def _check_network(self) -> None:
        """Raises ValueError for a network that the learner cannot train, and options of one without it."""
        if self.network == "conv4" and not self.embeds_by_network:
            given = [name for name in ("weights", "network_side") if getattr(self, name) is not None]
            if given:
                raise ValueError(f"{given[0]} is for networks of keras.applications: choose one by --network")
        if self.network != "conv4" and self.learner != "protonets":
            raise ValueError(f"network {self.network} is for protonets, and the learner is {self.learner}")
        if self.learner != "protonets":
            for name in ("discriminants", "neighbours"):
                if getattr(self, name):
                    raise ValueError(f"{name} is for protonets, and the learner is {self.learner}")
        at_least(self, 32, "network_side")

    def _check_copies(self) -> None:
        """Raises ValueError for training tasks whose images would be equal."""
        if self.discriminants and not self.is_meta_trained and self.tasks == "synthetic":
            raise ValueError("discriminants without meta-training are of copies of images: choose tasks augmented")
        if not self.needs_tasks or self.augmentation != "paper":
            return
        if self.tasks == "augmented":
            raise ValueError("tasks augmented are copies of images: choose an --augmentation, ink, print or photograph")
        queries_change = self.query_shift or self.query_affine
        if self.tasks == "synthetic" and self.generated_share < 1 and not (queries_change and self.train_k_shot == 1):
            raise ValueError(
                f"generated_share is {self.generated_share:g}: some images are copies, and nothing changes them; "
                "choose an --augmentation, or for one support image a class a --query-shift"
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


def suited_kernels(learner: str | None, downsampling: str | None = None) -> dict[str, bool]:
    """What is fastest on a CPU (docs/results/speed.md), as `choose_cpu_kernels` takes it.

    Adapting to few images is many small operations: of maps that strides make small oneDNN's kernels are the slower
    ones, and with max-pooling half of the threads are enough for each.
    """
    if learner not in ("maml", "scratch"):
        return {"onednn": True}
    return {"onednn": True, "two_at_a_time": True} if downsampling == "max_pool" else {"onednn": False}
