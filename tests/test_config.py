import dataclasses
import sys

import pytest

from latentshot.experiment.command_line import parse
from latentshot.lasium.experiment.build_tasks import build_rendering
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.description import method_name, options_text
from latentshot.lasium.experiment.paper import paper_figure
from latentshot.lasium.experiment.presets import OMNIGLOT, preset, preset_of_the_command_line
from latentshot.lasium.experiment.results import results_table
from latentshot.lasium.experiment.unused_options import unused_options


def test_the_table_shows_accuracy_with_its_interval_and_the_papers_figure():
    row = {"method": "M", "dataset": "omniglot", "split": "test", "n_way": 5, "k_shot": 1, "n_tasks": 1000}
    row |= {"trained_on": "omniglot"}
    row |= {"accuracy": 80.123, "ci95": 0.456, "options": "alpha 0.2", "paper": "75.02 ± 0.66 (table 7)", "seconds": 90}
    for markdown in (False, True):
        table = results_table([row], markdown)
        assert all(part in table for part in ("80.12 ± 0.46", "75.02 ± 0.66 (table 7)", "5-way 1-shot", "1.5 min"))


@pytest.mark.parametrize(
    ("options", "k_shot", "figure"),
    [
        ({}, 1, "75.02 ± 0.66 (table 7)"),
        ({"learner": "protonets", "strategy": "n", "sigma2": 2.0}, 1, "64.88 ± 0.78 (table 7)"),
        ({"generator": "msgan", "strategy": "oc", "alpha": 0.4}, 1, "73.40 ± 0.68 (table 7)"),
        ({"generator": "msgan"}, 5, "95.29 ± 0.22 (table 1)"),
        ({"learner": "scratch"}, 1, "51.64 ± 0.65 (table 1)"),
        (
            {
                "tasks": "supervised",
                "learner": "protonets",
                "train_n_way": 20,
                "quarter_turns": True,
                "iterations": 6000,
            },
            5,
            "99.58 ± 0.09 (table 1)",
        ),
        ({"tasks": "supervised", "learner": "protonets"}, 5, ""),
        ({"n_way": 20}, 1, ""),
        ({"alpha": 0.3}, 1, ""),
        ({"generator": "msgan", "alpha": 0.9}, 5, ""),
        ({"filters": 32}, 1, ""),
        ({"learner": "protonets", "train_n_way": 20}, 1, ""),
        ({"generator": "msgan", "iterations": 100}, 5, ""),
        ({"generator": "someone.keras"}, 1, ""),
    ],
)
def test_the_papers_figure_is_that_of_the_configuration(options, k_shot, figure):
    assert paper_figure(MetaConfig(dataset="omniglot", **options), k_shot) == figure


@pytest.mark.parametrize(
    ("dataset", "options", "k_shot", "figure"),
    [
        ("celeba", {"generator": "progan"}, 5, "66.98 ± 0.53 (table 2)"),
        ("celeba", {}, 1, "41.25 ± 0.57 (table 2)"),
        ("celeba", {"alpha": 0.2}, 1, ""),
        ("celeba", {"generator": "msgan"}, 1, ""),
        ("celeba-attributes", {"generator": "progan", "strategy": "n"}, 5, "74.79 ± 1.01 (table 3)"),
        ("mini-imagenet", {"generator": "bigbigan", "strategy": "n"}, 50, "69.13 ± 0.49 (table 4)"),
        ("mini-imagenet", {"inner_lr": 0.4, "tasks": "supervised"}, 1, ""),
        ("folder:photographs", {}, 1, ""),
    ],
)
def test_the_papers_figure_for_photographs_is_that_of_the_preset(dataset, options, k_shot, figure):
    filled = preset(dataset, options.get("generator", "vae")) | options
    assert paper_figure(MetaConfig(dataset=dataset, **filled), k_shot) == figure


def test_what_a_dataset_and_a_generator_bring_fills_the_command_line(monkeypatch):
    """Tables 5 and 6."""
    arguments = ["--strategy", "n", "--dataset=celeba-attributes", "--generator", "progan", "--k-shot", "3"]
    monkeypatch.setattr(sys, "argv", ["train_meta.py", *arguments])
    config = parse(MetaConfig, "", preset_of_the_command_line())
    assert (config.n_way, config.train_k_shot, config.n_query, config.inner_lr) == (2, 5, 5, 0.05)
    assert (config.downsampling, config.query_shift, config.alpha) == ("max_pool", 0, 0.2)
    assert (config.dataset, config.generator, config.strategy, config.k_shot) == (
        *("celeba-attributes", "progan", "n"),
        (3,),
    )
    assert preset("mini-imagenet", "bigbigan")["alpha"] == 0.3
    assert {name: getattr(MetaConfig(), name) for name in OMNIGLOT} == OMNIGLOT


def test_a_vae_of_photographs_has_smaller_batches_and_more_latents_than_one_of_letters():
    letters, faces = (resolved(MetaConfig(dataset=name)) for name in ("glyphs", "celeba"))
    assert (letters.generator_batch_size, letters.latent_dim) == (128, 20)
    assert (faces.generator_batch_size, faces.latent_dim) == (32, 128)
    assert resolved(MetaConfig(dataset="celeba", generator_batch_size=64)).generator_batch_size == 64


def test_the_options_of_a_row_name_whatever_differs_from_the_default():
    usual = options_text(resolved(MetaConfig()))
    assert usual == "stride, bn transductive, 50 steps, 1000 it, 15 generator epochs, alpha 0.2, shift 3"
    unusual = options_text(resolved(MetaConfig(meta_lr=0.01, filters=32, epsilon=3.0, generator_batch_size=32)))
    assert unusual == f"{usual}, filters 32, meta lr 0.01, epsilon 3, generator batch size 32"


def test_a_generator_of_a_run_is_called_by_the_run():
    assert method_name(MetaConfig(generator="runs/mine/generator.keras")) == "LASIUM-RO-mine-MAML"
    assert method_name(MetaConfig(generator="somewhere/theirs.keras")) == "LASIUM-RO-theirs-MAML"


def test_defaults_that_depend_on_the_generator_are_filled_in():
    config = resolved(MetaConfig(generator="msgan", alpha=0.3))
    assert (config.epsilon, config.generator_lr, config.alpha) == (15.69, 0.0004, 0.3)
    assert resolved(MetaConfig(generator="msgan", epsilon=1.0)).epsilon == 1.0
    assert str(resolved(MetaConfig()).run_dir) == "runs/glyphs-maml-vae-ro-seed0"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epsilon": float("inf")}, "epsilon is inf"),
        ({"sigma2": 0.0}, "sigma2 is 0"),
        ({"iterations": 250}, r"iterations \(250\) must be a multiple of checkpoint_every \(100\)"),
        ({"meta_batch_size": 0}, "meta_batch_size is 0"),
        ({"inner_lr": -1.0}, "inner_lr is -1"),
        ({"seed": 2**31}, "seed is 2147483648; it must be 2147483647 or less"),
        ({"train_n_way": 20}, r"train_n_way \(20\) differs from n_way \(5\), which only protonets can"),
    ],
)
def test_options_that_cannot_be_are_errors_with_their_value(options, message):
    with pytest.raises(ValueError, match=message):
        MetaConfig(**options)


def test_in_python_a_config_has_the_papers_options_and_says_so():
    for dataset in ("omniglot", "tfds:mnist"):
        assert resolved(MetaConfig(dataset=dataset)).recipe == "paper"


@pytest.mark.parametrize(
    ("arguments", "unused"),
    [
        (["--recipe", "strong"], []),
        (["--recipe", "strong", "--learner", "maml", "--alpha", "0.3"], []),
        (["--recipe", "strong", "--similarity", "euclidean"], []),
        (["--learner", "maml", "--temperature", "0.5"], ["--temperature has no effect here: it takes --learner proto"]),
        (
            ["--alpha", "0.3", "--strategy", "n"],
            ["--alpha has no effect here: it takes --tasks synthetic --strategy r"],
        ),
        (
            ["--dataset", "tfds:cifar10", "--generator-epochs", "3", "--query-shift", "1"],
            ["--generator-epochs has no effect here: it takes --tasks synthetic", "--query-shift has no effect"],
        ),
        (["--tasks", "supervised", "--n-unlabelled", "90"], ["--n-unlabelled has no effect here: it takes something"]),
        (["--tasks", "umtra", "--n-unlabelled", "90"], []),
        (["--learner", "scratch", "--meta-lr", "0.1"], ["--meta-lr has no effect here: it takes a learner that is"]),
        (["--learner", "scratch", "--iterations", "250"], ["--iterations has no effect here: it takes --learner maml"]),
        (["--learner", "protonets", "--network", "resnet50", "--filters", "8"], ["--filters has no effect here"]),
    ],
)
def test_an_option_without_effect_beside_the_others_is_told(monkeypatch, arguments, unused):
    monkeypatch.setattr(sys, "argv", ["train_meta", *arguments])
    defaults = preset_of_the_command_line()
    lines = unused_options(parse(MetaConfig, None, defaults), defaults)
    assert len(lines) == len(unused)
    assert all(line.startswith(start) for line, start in zip(lines, unused, strict=True))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--dataset", "omniglot"], {"recipe": "paper", "learner": "maml", "augmentation": "paper"}),
        (
            ["--dataset", "omniglot", "--recipe", "strong"],
            {"learner": "protonets", "augmentation": "ink", "similarity": "cosine", "rendering": "difference"},
        ),
        (["--dataset", "omniglot", "--recipe", "strong", "--train-n-way", "32"], {"train_n_way": 32}),
        (
            ["--dataset", "omniglot", "--recipe", "strong", "--learner", "maml"],
            {"learner": "maml", "augmentation": "ink", "train_n_way": None, "meta_batch_size": 4},
        ),
        (["--dataset", "tfds:cifar10", "--generator", "msgan"], {"recipe": "strong", "tasks": "synthetic"}),
        (
            ["--dataset", "tfds:cifar10"],
            {"tasks": "augmented", "recipe": "strong", "augmentation": "photograph", "learner": "protonets"},
        ),
        (
            ["--dataset", "tfds:cifar10", "--network", "mobilenet", "--weights", "imagenet"],
            {"iterations": 0, "discriminants": 48, "neighbours": 20},
        ),
        (  # weights of the embedding, on whose clusters the learner is meta-trained
            ["--dataset", "tfds:cifar10", "--tasks", "cactus", "--embedding", "mobilenet", "--weights", "imagenet"],
            {"iterations": 3000, "discriminants": None, "neighbours": None},
        ),
    ],
)
def test_a_recipe_is_where_the_other_defaults_come_from(monkeypatch, arguments, expected):
    monkeypatch.setattr(sys, "argv", ["train_meta", *arguments])
    config = parse(MetaConfig, None, preset_of_the_command_line())
    assert {name: getattr(config, name) for name in expected} == expected


def test_a_recipe_for_images_with_a_generator_that_encodes_none_is_told_and_what_was_asked_for_refused(capsys):
    strong = MetaConfig(generator="msgan", recipe="strong", **preset("glyphs", "msgan", "strong"))
    assert build_rendering(strong, from_images=False) == "paper"
    assert "draws of the prior of msgan, not with images: they show decoded ones" in capsys.readouterr().err
    assert build_rendering(strong, from_images=True) == "difference"
    assert build_rendering(MetaConfig(generator="msgan"), from_images=False) == "paper"
    assert not capsys.readouterr().err
    with pytest.raises(ValueError, match="rendering is decoded, and classes start at draws of the prior of msgan"):
        build_rendering(dataclasses.replace(strong, rendering="decoded"), from_images=False)


@pytest.mark.parametrize("wrong", [["--recipe", "best"], ["--learner", "best"], ["--dataset"], ["--datase", "glyphs"]])
def test_words_that_defaults_depend_on_are_told_where_they_are_wrong(monkeypatch, wrong):
    monkeypatch.setattr(sys, "argv", ["train_meta", *wrong])
    with pytest.raises(SystemExit):
        parse(MetaConfig, None, preset_of_the_command_line())


def test_a_row_names_the_strong_recipe_and_what_was_changed_of_it():
    strong = MetaConfig(dataset="omniglot", **preset("omniglot", "vae", "strong"), recipe="strong")
    assert "strong recipe" in options_text(strong)
    assert "temperature" not in options_text(strong)
    assert "temperature 0.2" in options_text(dataclasses.replace(strong, temperature=0.2))
    assert paper_figure(strong, 1) == ""


def test_a_small_folder_has_training_tasks_as_wide_as_it_has_images_and_it_is_said(own_folder, capsys):
    dataset = f"folder:{own_folder}"
    (own_folder / "train" / "elsewhere.png").symlink_to("nowhere.png")
    (own_folder / "train" / "text.jpg").write_text("no image")
    strong = preset(dataset, "vae", "strong")
    config = MetaConfig(dataset=dataset, recipe="strong", **strong)
    assert resolved(config).train_n_way == 12
    assert "training tasks have 12 classes in place of 64 (--train-n-way)" in capsys.readouterr().err
    assert resolved(dataclasses.replace(config, train_n_way=20)).train_n_way == 20  # as it was asked for


def test_the_papers_figure_is_found_where_a_folder_is_called_as_a_network(tmp_path, monkeypatch):
    (tmp_path / "vgg19").mkdir()
    monkeypatch.chdir(tmp_path)
    options = preset("celeba", "vae")
    assert paper_figure(MetaConfig(dataset="celeba", **options), 1) == "41.25 ± 0.57 (table 2)"
