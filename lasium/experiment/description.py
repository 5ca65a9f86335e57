"""What a row of results says of its run: the method's name and the options that matter. Imports no TensorFlow."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from .config import MetaConfig
from .embedding_config import embedding_name
from .generator_config import generator_name
from .presets import BY_GENERATOR, EMBEDDINGS, brought

# What `options_text` has no words of its own for, by what it matters to.
_NAMES = (
    *("filters", "n_query", "train_k_shot", "train_n_query", "meta_batch_size", "meta_lr", "meta_lr_schedule"),
    *("augmentation", "quarter_turns"),
)
_NAMES_OF_MAML = ("inner_lr", "inner_steps")
_NAMES_OF_PROTONETS = ("similarity", "temperature", "alternate_support")
_NAMES_OF_GENERATORS = (
    *("epsilon", "generator_batch_size", "generator_lr", "latent_dim"),
    *("distance", "generated_share", "rendering"),
)

_CLASSIFIERS = {  # by their names in the paper's tables
    "knn": "K-nearest neighbors",
    "linear": "Linear Classifier",
    "mlp": "MLP with dropout",
    "cluster-matching": "Cluster matching",
}
_EMBEDDINGS = {
    "vae": "VAE",
    "acai": "ACAI",
    "bigan": "BiGAN",
    "bigbigan": "BigBiGAN",
    "deepcluster": "DeepCluster",
}


def method_name(config: MetaConfig) -> str:
    """Its name in the paper's tables."""
    if config.is_classifier:
        return f"{_CLASSIFIERS[config.learner]}, {_embedding(config)}"
    learner = {"maml": "MAML", "protonets": "ProtoNets"}.get(config.learner, "")
    if not config.is_meta_trained:
        return "Nearest prototype" if config.learner == "protonets" else "Training from scratch"
    if config.tasks == "cactus":
        return f"CACTUs-{learner}, {_embedding(config)}"
    if config.tasks != "synthetic":
        return {"supervised": "Supervised ", "umtra": "UMTRA-", "augmented": "Augmented-"}[config.tasks] + learner
    gans = dict.fromkeys(("msgan", "progan", "bigbigan"), "GAN")
    kind = config.generator.partition(":")[0]
    generator = {**_EMBEDDINGS, **gans}.get(kind, generator_name(config.generator))
    return f"LASIUM-{config.strategy.upper()}-{generator}-{learner}"


def options_text(config: MetaConfig) -> str:
    """The options that change what the result means, for the tables."""
    if config.is_classifier:
        return ", ".join(_of_classifier(config) + _of_embedding(config) + _changed(config, "n_query"))
    parts: list[str] = [config.downsampling if config.network == "conv4" else _network(config)]
    if config.learner != "protonets":
        parts += [f"bn {config.batch_norm}", f"{config.eval_inner_steps} steps"]
    if not config.is_meta_trained:
        parts += [f"inner lr {config.inner_lr:g}"] * (
            config.learner != "protonets" and config.inner_lr != MetaConfig.inner_lr
        )
        parts += [config.similarity] * (config.learner == "protonets") + _feature_layers(config)
        parts += _changed(config, *["filters"] * (config.network == "conv4"), "n_query")
        return ", ".join(parts + [config.precision] * (config.precision != "float32"))
    parts.append(f"{config.iterations} it")
    parts += ["strong recipe"] * (config.recipe == "strong")
    if config.tasks == "synthetic":
        parts += [f"{config.generator_epochs} generator epochs"] if config.generator in BY_GENERATOR else []
        parts += [f"{config.generator_min_steps} generator steps at least"] * bool(config.generator_min_steps)
        parts += [f"mode seeking {config.mode_seeking:g}"] if config.generator == "msgan" else []
        parts.append(f"sigma2 {config.sigma2:g}" if config.strategy == "n" else f"alpha {config.alpha:g}")
    if config.tasks == "cactus":
        parts += [f"{config.n_clusters} clusters", f"{config.n_partitions} partitions", *_embedding_options(config)]
    if config.tasks != "supervised" and config.n_unlabelled:
        parts.append(f"{config.n_unlabelled} unlabelled")
    if config.train_n_way not in (None, config.n_way):
        parts.append(f"trained {config.train_n_way}-way")
    if config.augmentation == "paper" and config.tasks == "synthetic":
        parts += [f"shift {config.query_shift}"] * bool(config.query_shift)
        parts += [f"affine {config.query_affine:g}"] * bool(config.query_affine)
    if config.first_order and config.learner == "maml":
        parts.append("first order")
    parts += [config.precision] * (config.precision != "float32") + [config.distribute or ""] * bool(config.distribute)
    return ", ".join(parts + _changed_options(config) + _feature_layers(config))


def _of_classifier(config: MetaConfig) -> list[str]:
    return {
        "knn": [f"k {config.knn_k}"],
        "linear": [f"c {config.linear_c:g}"],
        "mlp": [f"{config.mlp_units} units", f"dropout {config.mlp_dropout:g}", f"{config.mlp_steps} steps"],
        "cluster-matching": [f"{config.n_clusters} clusters"],
    }[config.learner]


def _of_embedding(config: MetaConfig) -> list[str]:
    parts = [f"{config.n_unlabelled} unlabelled"] * bool(config.n_unlabelled) + _embedding_options(config)
    return parts + [config.precision] * (config.precision != "float32")


def _embedding_options(config: MetaConfig) -> list[str]:
    """How the run trained its embedding, or took it from a network of keras.applications; nothing of others."""
    if config.embeds_by_network:
        return [_weights(config, "imagenet") + _at_side(config)] + ["flattened"] * (config.pooling == "flatten")
    if config.embedding not in EMBEDDINGS:
        return []
    steps = config.generator_min_steps
    parts = [f"{config.latent_dim} latents"] * bool(config.latent_dim)
    if config.embedding == "deepcluster" and config.learner != "cluster-matching" and config.tasks != "cactus":
        parts.append(f"{config.n_clusters} clusters")  # which otherwise are told already
    parts += [f"{config.generator_epochs} generator epochs"]
    parts += [f"{steps} generator steps at least"] * bool(steps)
    usual = brought(config)
    names = ("generator_batch_size", "generator_lr")
    return parts + [f"{n.replace('_', ' ')} {getattr(config, n):g}" for n in names if getattr(config, n) != usual[n]]


def _embedding(config: MetaConfig) -> str:
    assert config.embedding is not None, "the config was checked"
    return _EMBEDDINGS.get(config.embedding.partition(":")[0], embedding_name(config.embedding))


def _changed_options(config: MetaConfig) -> list[str]:
    """Those that are seldom changed, where they are."""
    names: tuple[str, ...] = _NAMES + (_NAMES_OF_MAML if config.learner == "maml" else _NAMES_OF_PROTONETS)
    if config.tasks == "synthetic":
        names += _NAMES_OF_GENERATORS
    return _changed(config, *names) + [f"anchors from {config.anchors}"] * (
        config.anchors is not None and config.tasks == "synthetic"
    )


def _changed(config: MetaConfig, *names: str) -> list[str]:
    """Those of the options that differ from what the dataset and the generator bring."""
    usual = {f.name: f.default for f in fields(MetaConfig)} | brought(config)
    changed = [name for name in names if getattr(config, name) not in (None, usual[name])]
    return [f"{name.replace('_', ' ')} {_word(getattr(config, name))}" for name in changed]


def _feature_layers(config: MetaConfig) -> list[str]:
    found = [f"{value} {name}" for name in ("discriminants", "neighbours") if (value := getattr(config, name))]
    if config.discriminants and not config.is_meta_trained:
        found[0] += f" of {config.tasks} tasks ({config.augmentation})"
    if found and not config.is_meta_trained and config.n_unlabelled:
        found.append(f"{config.n_unlabelled} unlabelled")
    return found


def _network(config: MetaConfig) -> str:
    return f"{config.network} ({_weights(config, 'random weights')})" + _at_side(config)


def _weights(config: MetaConfig, default: str) -> str:
    return Path(config.weights).name if config.weights else default


def _at_side(config: MetaConfig) -> str:
    return f" at {config.network_side}" * bool(config.network_side)


def _word(value: float | str | bool) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
