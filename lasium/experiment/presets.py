"""The options that a dataset, a generator and a recipe bring with them: tables 5 and 6, or docs/results/strong.md.

Imports no TensorFlow.
"""

from __future__ import annotations

from typing import Any

from ...datasets.registry import is_photographs, is_user_dataset
from ...experiment.command_line import words_given

# Tables 5 and 6, and for Omniglot what section 4.6 says of its images; also the default in Python.
OMNIGLOT: dict[str, Any] = {
    "n_way": 5,
    "train_k_shot": 1,
    "train_n_query": 5,
    "k_shot": (1, 5),
    "n_query": 15,
    "inner_lr": 0.4,
    "iterations": 1000,
    "downsampling": "stride",
    "query_shift": 3,
    "alpha": 0.2,
    "sigma2": 0.5,
}
_PHOTOGRAPHS = {"inner_lr": 0.05, "downsampling": "max_pool", "query_shift": 0}
_BY_DATASET: dict[str, dict[str, Any]] = {
    # The authors' code meta-trains mini-ImageNet for 15,000 iterations; for CelebA neither it nor the paper says.
    "celeba": {"k_shot": (1, 5, 15), "iterations": 15_000},
    "celeba-attributes": {
        "n_way": 2,
        "train_k_shot": 5,
        "k_shot": (5,),
        "n_query": 5,
        "iterations": 15_000,
    },
    "mini-imagenet": {"k_shot": (1, 5, 20, 50), "iterations": 15_000, "sigma2": 1.0},
}
# What did best on validation classes (docs/results/strong.md): augmented tasks, and wide ones for ProtoNets.
_STRONG: dict[str, Any] = {
    "alpha": 0.4,
    "distance": "uniform",
    "generated_share": 0.5,
    "rendering": "difference",
    "epsilon": 0.0,
    "meta_lr_schedule": "cosine",
}
_STRONG_LETTERS = {"quarter_turns": True, "iterations": 8000, "checkpoint_every": 500}
_STRONG_INK = {**_STRONG_LETTERS, "augmentation": "ink", "alpha": 0.6}
_STRONG_PRINT = {**_STRONG_LETTERS, "augmentation": "print"}
_STRONG_PHOTOGRAPHS = {
    "augmentation": "photograph",
    "tasks": "augmented",
    "iterations": 3000,
}
# A network with weights is better left as it is (docs/results/photographs.md): what fits it to the images comes behind.
_STRONG_PRETRAINED = {"iterations": 0, "discriminants": 48, "neighbours": 20}
_WIDE = {
    "learner": "protonets",
    "train_n_way": 64,
    "train_n_query": 3,
    "meta_batch_size": 1,
    "meta_lr": 0.002,
    "similarity": "cosine",
    "temperature": 0.05,
}
_WIDE_INK = {**_WIDE, "temperature": 0.025, "alternate_support": True}
# The alpha of the authors' code for photographs, by generator; 0.2 for its GANs.
_ALPHA = {"vae": 0.4, "bigbigan": 0.3}


EMBEDDINGS = ("vae", "acai", "bigan", "deepcluster")  # the models to be trained that encode images
BY_GENERATOR: dict[str, dict[str, Any]] = {
    "vae": {"generator_epochs": 15, "generator_batch_size": 128, "generator_lr": 0.001},
    # The authors' code asks for a squared distance of 246.09 between anchors of 128 dimensions.
    "msgan": {
        "generator_epochs": 6,
        "generator_batch_size": 32,
        "generator_lr": 0.0004,
        "mode_seeking": 0.01,
        "epsilon": 15.69,
    },
    "acai": {"generator_epochs": 6, "generator_batch_size": 64, "generator_lr": 0.0005},
    "bigan": {"generator_epochs": 12, "generator_batch_size": 64, "generator_lr": 0.0005, "latent_dim": 200},
    "deepcluster": {"generator_epochs": 20, "generator_batch_size": 128, "generator_lr": 0.05},
}


def generator_defaults(dataset: str, generator: str) -> dict[str, Any]:
    """Values of `GeneratorConfig`'s fields that a generator trained on the dataset has where none is given."""
    defaults = dict(BY_GENERATOR.get(generator, {}))
    if defaults and is_photographs(dataset):
        defaults["generator_min_steps"] = (
            1000  # of 300 photographs 15 passes are 135 steps (docs/results/first-hour.md)
        )
    if generator != "vae":
        return defaults
    # a batch of 128 photographs of 84 pixels takes the larger VAE to 4.4 GiB, of 32 to 1.9 (docs/results)
    batch_size = {"generator_batch_size": 32} if is_photographs(dataset) else {}
    return {**defaults, "latent_dim": vae_latent_dim(dataset), **batch_size}


def vae_latent_dim(dataset: str) -> int:
    """Of the vae: 20 for Omniglot (section 4.2); for photographs the paper has no VAE."""
    return 128 if is_photographs(dataset) else 20


def preset(
    dataset: str,
    generator: str,
    recipe: str = "paper",
    learner: str | None = None,
    network: str | None = None,
    weights: str | None = None,
) -> dict[str, Any]:
    """Values of `MetaConfig`'s fields for a dataset and a generator, named as on the command line.

    recipe: paper or strong. learner: for the strong recipe, where another than its own is wanted. network, weights: of
    the learner, where they are given; weights without a network are an embedding's.
    """
    kind, generator = dataset.partition(":")[0], generator.partition(":")[0]
    photographs = is_photographs(dataset)
    alpha = {"alpha": _ALPHA[generator]} if photographs and generator in _ALPHA else {}
    paper = {**OMNIGLOT, **(_PHOTOGRAPHS if photographs else {}), **_BY_DATASET.get(kind, {}), **alpha}
    if recipe == "paper":
        return paper
    tasks, wide = _STRONG_INK, _WIDE_INK
    is_pretrained = weights is not None and network not in (None, "conv4")
    if photographs:
        tasks, wide = _STRONG_PHOTOGRAPHS, _WIDE | (_STRONG_PRETRAINED if is_pretrained else {})
    elif kind in ("glyphs", "letters"):
        tasks, wide = _STRONG_PRINT, _WIDE
    return {**paper, **_STRONG, **tasks, **(wide if learner in (None, "protonets") else {})}


def brought(config: Any) -> dict[str, Any]:
    """What the dataset, the generator, the recipe, the learner and its network's weights bring with them."""
    names = ("dataset", "generator", "recipe", "learner", "network", "weights")
    return {
        **generator_defaults(config.dataset, config.generator),
        **preset(**{name: getattr(config, name) for name in names}),
    }


def usual_recipe(dataset: str) -> str:
    """strong for images of one's own, where nothing is to be reproduced."""
    return "strong" if is_user_dataset(dataset) else "paper"


def preset_of_the_command_line(arguments: list[str] | None = None) -> dict[str, Any]:
    """The preset for the --dataset and --generator among the arguments, by default the program's, with these two."""
    words = words_given("dataset", "generator", "recipe", "learner", "network", "weights", arguments=arguments)
    dataset, generator = words["dataset"] or "glyphs", words["generator"] or "vae"
    recipe = words["recipe"] if words["recipe"] in ("paper", "strong") else usual_recipe(dataset)
    given = {"dataset": dataset, "generator": generator, "recipe": recipe}
    wanted = {"tasks": "synthetic"} if words["generator"] and not words["weights"] else {}  # a generator is for these
    brings = preset(dataset, generator, recipe, words["learner"], words["network"], words["weights"])
    return {**brings, **given, **wanted}
