"""Drawings and uploads as the page of bin/app.py takes them: closed forms, and what is told."""

import numpy as np
import pytest
from PIL import Image

from latentshot.app import ink, uploads
from latentshot.benchmarks.mouse_letters import LATIN, NEW, draw

SHAPE = (28, 28, 1)
HAND = ink.Hand(extent=0.75, pen=4 / 28)  # 21 and 4 pixels


def span(image, axis):
    """The first and the last row, or column, with ink."""
    found = np.flatnonzero(image[..., 0].any(axis=1 - axis))
    return found[0], found[-1]


@pytest.mark.parametrize("line", [[[100, 40], [150, 40]], [[0, 990], [333, 990], [1000, 990]]])
def test_a_line_of_any_length_and_place_becomes_one_of_the_hands_length_and_pen_in_the_middle(line):
    image = ink.drawn(ink.as_strokes([line]), SHAPE, HAND)
    assert span(image, 0) == (12, 15)  # 14 - 2 to 14 + 2
    assert span(image, 1) == (3, 24)  # 14 - 10.5 to 14 + 10.5
    assert (image[12:16, 6:22] == 255).all()


@pytest.mark.parametrize("letter", ["B", "Ω", "ש"])
def test_size_and_place_of_a_drawing_make_no_difference(letter):
    strokes = ink.as_strokes(draw(letter, seed=0))
    image = ink.drawn(strokes, SHAPE, HAND).astype(int)
    other = ink.drawn([0.25 * stroke + [70, 300] for stroke in strokes], SHAPE, HAND)
    assert np.abs(image - other).max() <= 8  # of 255, from rounding to the finer pixels
    sides = [np.ptp(span(image, axis)) + 1 for axis in (0, 1)]
    assert max(sides) in (21, 22)


def test_a_dot_is_as_large_as_the_pen_and_in_the_middle():
    image = ink.drawn(ink.as_strokes([[[900, 100]]]), SHAPE, HAND)
    assert span(image, 0) == span(image, 1) == (12, 15)


@pytest.mark.parametrize(("paper", "pen"), [(255, 0), (0, 255), (200, 40)])
def test_a_picture_of_a_letter_is_centred_and_scaled_whatever_its_paper(paper, pen):
    picture = np.full((90, 160), paper, np.uint8)
    picture[10:30, 100:140] = pen
    image = ink.centred(Image.fromarray(picture), SHAPE, ink.Hand(extent=0.5, pen=0.1))
    expected = np.zeros(SHAPE)
    expected[10:17, 7:21] = 255  # 14 wide, half as high
    np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("drawing", [3, "abc", [[1, 2]], [[[1, 2, 3]]], [[["a", 1]]], [[[1, float("nan")]]]])
def test_what_is_no_drawing_is_told(drawing):
    with pytest.raises(ValueError, match="this is no drawing"):
        ink.as_strokes(drawing)


def test_endless_and_empty_drawings_are_told():
    with pytest.raises(ValueError, match=r"more than 20,000 points: clear it"):
        ink.as_strokes([[[1, 2]] * 20_001])
    with pytest.raises(ValueError, match="nothing drawn"):
        ink.drawn(ink.as_strokes([]), SHAPE, HAND)
    with pytest.raises(ValueError, match="all of it is of one grey"):
        ink.centred(Image.new("RGB", (9, 9), "white"), SHAPE, HAND)


def test_the_letters_of_the_measurement_are_many_and_stay_on_the_sheet():
    assert len(NEW) >= 20
    assert len(LATIN) >= 20
    points = np.concatenate([np.concatenate(ink.as_strokes(draw(letter, 3))) for letter in NEW | LATIN])
    assert points.min() >= 0
    assert points.max() <= 1000


@pytest.fixture
def files(tmp_path):
    """Six small images."""
    for i in range(6):
        Image.fromarray(np.full((12, 12, 3), 40 * i, np.uint8)).save(tmp_path / f"{i}.png")
    return [str(tmp_path / f"{i}.png") for i in range(6)]


def test_uploads_are_limited_in_number_bytes_and_pixels(files, tmp_path, monkeypatch):
    read = uploads.photograph((8, 8, 3))
    images, refused = uploads.accepted(files, read, room=4)
    assert len(images) == 4
    assert images[3].shape == (8, 8, 3)
    assert refused == ["2 of 6 files are left out: 20 images are the most here."]
    monkeypatch.setattr(uploads, "MOST_PIXELS", 100)
    assert uploads.accepted(files[:1], read)[1] == ["0.png is left out: 12 x 12 pixels are too many to decode here."]
    monkeypatch.setattr(uploads, "MOST_BYTES", 2**20)
    (tmp_path / "large.png").write_bytes(bytes(2**20 + 1))
    assert uploads.accepted([str(tmp_path / "large.png")], read) == (
        [],
        ["large.png is left out: it has more than 1 MB."],
    )


def test_an_upload_with_nothing_drawn_is_told_by_its_name(tmp_path):
    Image.new("L", (20, 20), 255).save(tmp_path / "blank.png")
    images, refused = uploads.accepted([str(tmp_path / "blank.png")], uploads.letter(SHAPE, HAND))
    assert (images, refused) == (
        [],
        ["blank.png is left out: there is nothing drawn in it, for all of it is of one grey"],
    )


@pytest.mark.parametrize("read", [uploads.photograph((8, 8, 3)), uploads.letter(SHAPE, HAND)])
def test_a_damaged_upload_gets_a_sentence_and_the_others_are_read(files, tmp_path, read):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(tmp_path / "whole.jpg")
    damaged = tmp_path / "dam\x1baged.jpg"
    damaged.write_bytes((tmp_path / "whole.jpg").read_bytes()[:800])
    images, refused = uploads.accepted([str(damaged), str(tmp_path / "whole.jpg")], read)
    assert len(images) == 1
    assert refused == [r"dam\x1baged.jpg cannot be read as an image: it is damaged, or of a kind not known here."]
