"""Pictures of how tasks are made, and the paper's figures 1 to 4 by one command each."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
from archives import save_mini_imagenet
from conftest import PixelGenerator
from matplotlib.image import imread
from real_commands import output_of

from latentshot.bin import draw_tasks, reproduce
from latentshot.experiment.plots import image_sheet
from latentshot.experiment.run_directory import ROWS, RunDirectory
from latentshot.lasium.experiment import draw_tasks as draw, latent_pictures, pictures
from latentshot.lasium.experiment.config import MetaConfig
from latentshot.lasium.experiment.defaults import resolved
from latentshot.lasium.experiment.latent_pictures import Plane, save_strategies, save_task_making
from latentshot.lasium.tasks.strategies import Noise, OtherClasses, RandomOutOfClass
from latentshot.lasium.tasks.synthetic import SyntheticSource


@pytest.fixture
def drawn(monkeypatch):
    """The figures, in place of their files."""
    figures = []
    monkeypatch.setattr(latent_pictures, "save_figure", lambda figure, _: figures.append(figure))
    return figures


def stars_and_dots(axis):
    """Places of the anchors, (3, 2), and of what grows from each, (3, n, 2)."""
    by_marker = {mark: [line.get_xydata() for line in axis.lines if line.get_marker() == mark] for mark in "*o"}
    coloured = [line.get_xydata() for line in axis.lines if line.get_marker() == "o" and line.get_color() != "0.5"]
    return np.concatenate(by_marker["*"]), np.stack(coloured)


def test_the_plane_goes_through_three_anchors_and_keeps_distances_in_it():
    anchors = np.random.default_rng(0).normal(size=(3, 9))
    plane = Plane.through(anchors)
    places = plane.coordinates(anchors)
    assert places[0] == pytest.approx([0, 0], abs=1e-12)
    assert places[1] == pytest.approx([np.linalg.norm(anchors[1] - anchors[0]), 0], abs=1e-12)
    assert np.linalg.norm(places[2] - places[1]) == pytest.approx(np.linalg.norm(anchors[2] - anchors[1]))
    np.testing.assert_allclose(plane.latents(places), anchors, atol=1e-12)


def test_the_strategies_are_drawn_where_they_put_their_vectors(drawn, pixel_images):
    source = SyntheticSource(PixelGenerator(), Noise(), images=pixel_images)
    strategies = {"N": Noise(0.5), "RO": RandomOutOfClass(0.3), "OC": OtherClasses(0.2)}
    save_strategies(Path("unused"), source, strategies, seed=0)
    (figure,) = drawn
    assert [axis.get_title() for axis in figure.axes] == ["N", "RO", "OC"]
    (corners, _), (_, towards_others), (same_corners, towards_anchors) = map(stars_and_dots, figure.axes)
    np.testing.assert_allclose(same_corners, corners)
    # OC with 8 vectors: 4 rounds of 2, which end at 0.2, 0.15, 0.1 and 0.05 of the way to the other two anchors
    for number, vectors in enumerate(towards_anchors):
        ways = [corners[(number + j) % 3] - corners[number] for j in (1, 2)]
        expected = [corners[number] + share * way for share in (0.2, 0.15, 0.1, 0.05) for way in ways]
        np.testing.assert_allclose(vectors, expected, atol=1e-5)
    ends = np.stack([line.get_xydata() for line in figure.axes[1].lines if line.get_color() == "0.5"])
    shares = (towards_others - corners[:, None]) / (ends - corners[:, None])
    assert shares.max() <= 0.3 + 1e-4  # shortened where they would leave the class
    assert np.median(shares) == pytest.approx(0.3, abs=1e-4)
    assert all(len(axis.artists) == 2 * latent_pictures.N_ON_AXES for axis in figure.axes)  # images


@pytest.mark.parametrize(("images", "first"), [(True, ["images"]), (False, [])])
def test_a_task_is_drawn_from_its_anchors_to_its_two_sets(drawn, pixel_images, images, first):
    source = SyntheticSource(PixelGenerator(), RandomOutOfClass(0.3), images=pixel_images if images else None)
    save_task_making(Path("unused"), source, k_shot=2, n_query=3, seed=0)
    (figure,) = drawn
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == [*first, "anchors, what grows from them", "train", "validation"]
    anchors, grown = stars_and_dots(figure.axes[len(first)])
    assert (len(anchors), grown.shape) == (3, (3, 2 + 3 - 1, 2))
    side = 2 + 2 * 2  # two pixels with an edge of two
    assert [axis.images[0].get_array().shape for axis in figure.axes[-2:]] == [
        (3 * side, 2 * side, 3),
        (3 * side, 3 * side, 3),
    ]


def test_the_edges_of_a_sheet_have_the_colours_of_its_rows():
    sheet = image_sheet(np.full((2, 3, 4, 4, 1), 0.25), inverted=True, edges=["red", "blue"])
    assert sheet.shape == (2 * 8, 3 * 8, 3)
    assert sheet[0, 0].tolist() == [1, 0, 0]
    assert sheet[8, 8].tolist() == [0, 0, 1]
    assert sheet[3, 3].tolist() == [0.75] * 3


def test_figure_4_is_drawn_of_any_tree_with_mini_imagenets_folders(tmp_path, rows_here):
    save_mini_imagenet(tmp_path / "tree", n_images=1)
    keras.utils.set_random_seed(0)
    latents = keras.Input((4,))
    pixels = keras.layers.Dense(84 * 84 * 3, "sigmoid", kernel_initializer=keras.initializers.RandomNormal(stddev=2.0))
    generator = keras.Model(latents, keras.layers.Reshape((84, 84, 3))(pixels(latents)))
    generator.save(tmp_path / "theirs.keras")
    ran = rows_here(draw_tasks.main)
    arguments = ["lasium/figure-4", "--data-dir", tmp_path / "tree", "--run-dir", tmp_path / "run"]
    arguments += ["--options", f"generator={tmp_path / 'theirs.keras'}", "n_way=3", "learner=scratch"]
    out = output_of(reproduce.main, arguments)
    assert "| BigBiGAN on mini-ImageNet |" in out
    assert "What it shows lies in pictures/." in out
    for name in ("tasks", "task-making"):
        picture = imread(tmp_path / "run" / "pictures" / f"bigbigan-on-mini-imagenet-{name}.png")
        assert np.ptp(picture[..., :3].std(axis=-1)) > 0  # in colour
    output_of(reproduce.main, [*arguments, "--resume"])
    assert len(ran) == 1


def test_tasks_without_a_generator_are_not_drawn(tmp_path, here):
    said = here("--tasks", "umtra", "--run-dir", tmp_path / "run", main=draw_tasks.main)
    assert "tasks is umtra, which takes no generator: this draws those of --tasks synthetic" in said
    assert not (tmp_path / "run").exists()


def test_interpolations_show_as_many_anchors_as_a_task_has_and_how_far_the_strategy_goes(
    pixel_generator, tmp_path, monkeypatch
):
    drawn = {}
    monkeypatch.setattr(pictures, "save_image_sheet", lambda path, *_, marks, **__: drawn.update({path.name: marks}))
    for n_way in (2, 5):
        source = SyntheticSource(pixel_generator, OtherClasses(0.6))
        pictures.save_interpolations(tmp_path / str(n_way), source, 0, n_way)
    assert {name: len(marks) for name, marks in drawn.items()} == {"2": 6, "5": 9}
    last = (pictures.N_COLUMNS - 1) * 0.45  # the border between two classes lies at a half
    assert drawn["2"] == [None] * 4 + [pytest.approx(last)] * 2


@pytest.mark.slow
def test_a_picture_of_what_lies_too_close_together_is_left_out_and_told(drawn, pixel_images, capsys):
    source = SyntheticSource(PixelGenerator(), Noise(), epsilon=0.0, images=pixel_images[:5])
    draw._draw_planes(MetaConfig(train_k_shot=1, train_n_query=2), source, Path("unused"), inverted=False)
    said = capsys.readouterr().err
    found = "its three classes take more vectors than were found among 5 images with epsilon 0.00"
    assert f"note: strategies.png is not drawn: {found}" in said  # RO's anchors take eight others each
    assert "task-making.png" not in said
    assert len(drawn) == 1


def test_a_row_without_one_of_its_pictures_says_so(tmp_path, rows_here, own_folder, monkeypatch):
    def draw_nothing(config):
        RunDirectory(config.run_dir).start(dataclasses.asdict(config), resume=True)
        RunDirectory(config.run_dir).write_results([])

    monkeypatch.setattr(draw, "draw_tasks", draw_nothing)
    rows_here(draw_tasks.main)
    arguments = ["lasium/figure-3", "--rows", "vae-on-omniglot", "--options", f"dataset=folder:{own_folder}"]
    out = output_of(reproduce.main, [*arguments, "--run-dir", tmp_path / "run"])
    assert "without pictures/strategies.png, pictures/interpolations.png: " in out


def test_the_run_of_a_learner_is_not_drawn_over(tmp_path):
    config = resolved(MetaConfig(run_dir=tmp_path / "run", resume=True))
    RunDirectory(config.run_dir).start(dataclasses.asdict(config), True, {ROWS: "2"})
    with pytest.raises(ValueError, match=r"is a run of bin/train_meta\.py: choose another --run-dir"):
        draw.draw_tasks(config)
