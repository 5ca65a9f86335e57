"""The tables of both papers as data, and the figures that results find in them."""

import pytest

from latentshot.experiment.command_line import check_arguments
from latentshot.experiment.recipe import Recipe, Row, mean_and_error, shots
from latentshot.experiment.reproduction import Reproduction, arguments_of
from latentshot.experiment.row_overrides import PRETRAINED
from latentshot.glico.experiment.config import GlicoConfig
from latentshot.glico.experiment.defaults import resolved as resolved_glico
from latentshot.glico.recipes.registry import RECIPES as OF_GLICO
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.paper import filled, paper_figure
from latentshot.lasium.experiment.presets import preset_of_the_command_line
from latentshot.lasium.recipes.registry import RECIPES as OF_LASIUM
from latentshot.models.classifiers import APPLICATIONS


def rows_of(recipes):
    return [pytest.param(recipe, row, id=f"{recipe.name}:{row.slug}") for recipe in recipes for row in recipe.rows]


@pytest.mark.parametrize(("recipe", "row"), rows_of(OF_LASIUM))
def test_every_row_of_lasium_is_a_configuration_and_finds_its_own_figure(recipe, row):
    config = filled(recipe.row_options(row))
    for column, figure in zip(recipe.columns, row.figures, strict=True):
        if figure:
            of_table_7 = figures_of_table_7(config) if recipe.name == "lasium/table-1" else []
            expected = of_table_7 if of_table_7 and column.where["k_shot"] == 1 else [f"{figure} ({recipe.label})"]
            assert [paper_figure(config, column.where["k_shot"])] == expected


def figures_of_table_7(config):
    """Those for the strategy, generator and learner of a one-shot run of table 1, where table 7 has them."""
    (table_7,) = (recipe for recipe in OF_LASIUM if recipe.name == "lasium/table-7")
    rows = [row for row in table_7.rows if config.tasks == "synthetic" and of_row(config, row)]
    return [f"{row.figures[0]} (table 7)" for row in rows]


def of_row(config, row):
    return all(getattr(config, name) == value for name, value in row.options.items())


@pytest.mark.parametrize(("recipe", "row"), rows_of(OF_GLICO))
def test_every_row_of_glico_is_a_configuration(recipe, row):
    assert resolved_glico(GlicoConfig(**recipe.row_options(row))).dataset in ("cifar10", "cifar100", "cub200")


@pytest.mark.parametrize(("recipe", "row"), rows_of((*OF_LASIUM, *OF_GLICO)))
def test_the_figures_of_a_row_are_percentages(recipe, row):
    for figure in filter(None, row.figures):
        mean, error = mean_and_error(figure)
        assert mean is not None
        assert 10 < mean < 100
        assert error is None or 0 < error < 2


@pytest.mark.parametrize(
    ("recipes", "name", "n_rows"),
    [
        (OF_LASIUM, "lasium/table-1", 21),
        (OF_LASIUM, "lasium/table-2", 10),
        (OF_LASIUM, "lasium/table-3", 18),
        (OF_LASIUM, "lasium/table-4", 18),
        (OF_LASIUM, "lasium/table-7", 28),
        (OF_GLICO, "glico/table-1", 12),
        (OF_GLICO, "glico/table-2", 6),
        (OF_GLICO, "glico/table-5", 9),
    ],
)
def test_the_tables_are_whole(recipes, name, n_rows):
    (recipe,) = (recipe for recipe in recipes if recipe.name == name)
    assert len(recipe.rows) == n_rows


@pytest.mark.parametrize(("recipe", "row"), rows_of(each for each in OF_LASIUM if each.name.startswith("lasium/table")))
def test_a_row_of_the_paper_keeps_its_settings_on_images_of_ones_own(recipe, row):
    options = recipe.row_options(row)
    ours = arguments_of({**options, "dataset": "folder:mine", "k_shot": (1,)})
    config, as_published = check_arguments(MetaConfig, ours, preset_of_the_command_line(ours)), filled(options)
    for name in ("recipe", "iterations", "n_way", "train_k_shot", "n_query", "sigma2", "tasks", "learner"):
        assert getattr(config, name) == getattr(as_published, name)


@pytest.mark.parametrize(
    ("name", "overrides", "told"),
    [
        ("glico/table-2", {"dataset": "folder:mine", "budget": 0.1}, ["dataset"]),
        ("glico/table-2", {"samples_per_class": "10", "split": "validation"}, ["samples_per_class", "split"]),
        ("glico/table-2", {"samples_per_class": "25", "dataset": "cifar100", "split": "test"}, []),
        ("glico/figure-6", {"samples_per_class": "10,25"}, []),
        ("lasium/table-1", {"n_way": "20", "filters": "16"}, ["n_way"]),
        ("lasium/table-1", {"n_way": "5"}, []),
        ("lasium/table-3", {"n_way": "5"}, ["n_way"]),
        ("lasium/table-3", {"n_way": "2"}, []),
    ],
)
def test_what_makes_figures_of_something_else_than_the_papers_is_known(name, overrides, told):
    (recipe,) = (each for each in (*OF_LASIUM, *OF_GLICO) if each.name == name)
    reproduction = Reproduction(recipe, recipe.rows, overrides, {}, 1)
    for row in recipe.rows:
        assert reproduction.other_problem(row) == {option: overrides[option] for option in told}


def test_of_a_table_of_several_datasets_the_rows_of_the_one_that_is_named_remain_the_papers():
    (recipe,) = (each for each in OF_GLICO if each.name == "glico/table-1")
    reproduction = Reproduction(recipe, recipe.rows, {"dataset": "cifar100"}, {}, 1)
    found = {row.options["dataset"]: reproduction.other_problem(row) for row in recipe.rows}
    assert found == {"cifar100": {}, "cub200": {"dataset": "cifar100"}}


def test_a_recipe_with_uneven_rows_or_two_of_one_name_is_refused():
    def recipe(*rows):
        return Recipe("a/b", "table b", "title", "train_meta", shots(1, 5), {}, rows, "interval")

    with pytest.raises(ValueError, match="1 figures, 2 columns"):
        recipe(Row("one", ("1",)))
    with pytest.raises(ValueError, match="two rows of one name"):
        recipe(Row("The One", ("", "")), Row("the one", ("", "")))


def test_weights_of_the_command_line_are_for_the_rows_that_have_some():
    rows = Row("Scratch", ("",), {}), Row("Transfer", ("",), {"embedding": "vgg19", "weights": "imagenet"})
    recipe = Recipe("a/b", "table b", "title", "train_meta", shots(1), {"dataset": "omniglot"}, rows, "interval")
    reproduction = Reproduction(recipe, rows, {"weights": "vgg19.h5", "seed": 1}, {}, seeds=1)
    assert reproduction.options(rows[0]) == {"dataset": "omniglot", "k_shot": (1,), "seed": 1}
    assert reproduction.options(rows[1])["weights"] == "vgg19.h5"


def test_a_row_from_imagenets_weights_starts_from_nothing_with_a_network_that_has_none():
    birds = Row("GLICO", ("",), {"dataset": "cub200", "compare": ("glico",), "pretrained": True})
    recipe = Recipe("a/b", "table b", "title", "train_glico", shots(1), {}, (birds,), "interval")

    def is_pretrained(**given):
        return Reproduction(recipe, (birds,), given, {}, seeds=1).options(birds)["pretrained"]

    assert is_pretrained()
    assert is_pretrained(dataset="cub200")
    assert not is_pretrained(dataset="folder:birds")
    assert not is_pretrained(classifier="wrn-16-1")
    assert is_pretrained(dataset="folder:birds", classifier="resnet-50")
    assert is_pretrained(dataset="folder:birds", pretrained=True)
    assert PRETRAINED == APPLICATIONS


def test_a_copy_of_a_module_is_for_the_rows_of_that_module():
    rows = tuple(Row(name, ("",), {"generator": name}) for name in ("vae", "progan", "bigbigan"))
    recipe = Recipe("a/b", "table b", "title", "train_meta", shots(1), {"dataset": "celeba"}, rows, "interval")

    def generators(given):
        reproduction = Reproduction(recipe, rows, {"generator": given}, {}, seeds=1)
        return [reproduction.options(row)["generator"] for row in rows]

    assert generators("progan:here") == ["vae", "progan:here", "bigbigan"]
    assert generators("mine.keras") == ["mine.keras"] * 3
    assert generators("hub:here") == ["hub:here"] * 3
    with pytest.raises(ValueError, match="weights is theirs among the options, and none of the rows takes it"):
        Reproduction(recipe, rows, {"weights": "theirs"}, {}, seeds=1).check_overrides()
    with pytest.raises(ValueError, match="generator is progan:here among the options, and none of the rows"):
        Reproduction(recipe, rows[:1], {"generator": "progan:here"}, {}, seeds=1).check_overrides()
    with_network = {"weights": "theirs", "network": "mobilenet:0.25"}
    assert Reproduction(recipe, rows, with_network, {}, seeds=1).options(rows[0]).items() >= with_network.items()


def test_options_become_the_words_of_a_command_line():
    options = {"k_shot": (1, 5), "no_noise": True, "pretrained": False, "lr": 0.05, "data_dir": None, "seed": 0}
    assert arguments_of(options) == ["--k-shot", "1,5", "--no-noise", "--no-pretrained", "--lr", "0.05", "--seed", "0"]
