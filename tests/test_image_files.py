import warnings
from functools import partial

import numpy as np
import pytest
from PIL import Image

from latentshot.datasets import image_files, image_store
from latentshot.datasets.image_files import (
    UnreadableImage,
    _fewer_pixels,
    image_size,
    is_image,
    read_image,
    read_images,
)

SIZE = (6, 8)  # height, width


@pytest.fixture
def picture():
    """Left half red, right half blue, 16x12 pixels."""
    pixels = np.zeros((12, 16, 3), np.uint8)
    pixels[:, :8, 0] = pixels[:, 8:, 2] = 255
    return Image.fromarray(pixels)


def left_and_right(image):
    return image[:, :3].mean(axis=(0, 1)), image[:, -3:].mean(axis=(0, 1))


@pytest.mark.parametrize("suffix", ["png", "bmp", "webp", "jpg", "gif", "tif", "tiff"])
def test_the_common_formats_are_read_in_their_colours(picture, tmp_path, suffix):
    picture.save(tmp_path / f"x.{suffix}", **({"lossless": True} if suffix == "webp" else {}))
    image, _ = read_image(tmp_path / f"x.{suffix}", SIZE, 3)
    assert image.shape == (*SIZE, 3)
    left, right = left_and_right(image)
    np.testing.assert_allclose(left, [255, 0, 0], atol=30)
    np.testing.assert_allclose(right, [0, 0, 255], atol=30)


@pytest.mark.parametrize(
    ("mode", "conversion"),
    [
        ("L", "L to RGB"),
        ("P", "P to RGB"),
        ("CMYK", "CMYK to RGB"),
        ("RGBA", "transparency on white"),
        ("1", "1 to RGB"),
    ],
)
def test_other_modes_are_converted_and_said(picture, tmp_path, mode, conversion):
    path = tmp_path / ("x.jpg" if mode == "CMYK" else "x.png")
    picture.convert(mode).save(path)
    image, said = read_image(path, SIZE, 3)
    assert said == conversion
    assert image.shape == (*SIZE, 3)


def test_transparent_pixels_become_white(tmp_path):
    Image.new("RGBA", (8, 6), (255, 0, 0, 0)).save(tmp_path / "x.png")
    image, _ = read_image(tmp_path / "x.png", SIZE, 3)
    assert (image == 255).all()


@pytest.mark.parametrize(("mode", "channels"), [("RGB", 3), ("L", 1)])
def test_a_colour_that_stands_for_transparency_becomes_white(tmp_path, mode, channels):
    black = (0, 0, 0) if mode == "RGB" else 0
    Image.new(mode, (8, 6), black).save(tmp_path / "x.png", transparency=black)
    image, said = read_image(tmp_path / "x.png", SIZE, channels)
    assert said == "transparency on white"
    assert (image == 255).all()


def test_warnings_are_as_they_were_after_reading(picture, tmp_path):
    paths = [tmp_path / f"{i}.png" for i in range(30)]
    for path in paths:
        picture.save(path)
    before = list(warnings.filters)
    read_images(paths, SIZE)
    assert warnings.filters == before


def test_sizes_and_channels_that_cannot_be_are_told(tmp_path):
    for size, channels in (((0, 8), 3), ((8, 8), 2)):
        with pytest.raises(ValueError, match=f"images of {size[0]}x8 with {channels} channels"):
            read_images([], size, channels)


def test_sixteen_bits_keep_their_grey(tmp_path):
    Image.fromarray(np.full((6, 8), 32896, np.uint16)).save(tmp_path / "x.png")  # 128 * 257
    for channels in (1, 3):
        image, said = read_image(tmp_path / "x.png", SIZE, channels)
        assert said == "16 bits to 8"
        assert (image == 128).all()


def test_sixteen_bits_that_make_a_black_image_are_told(tmp_path):
    Image.fromarray(np.full((6, 8), 4095, np.uint16)).save(tmp_path / "x.png")
    assert "nearly black" in read_image(tmp_path / "x.png", SIZE, 1)[1]


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_pixels_whose_range_nobody_knows_are_told(tmp_path, kind):
    Image.fromarray(np.ones((6, 8), kind)).save(tmp_path / "x.tif")
    with pytest.raises(UnreadableImage, match="fractions, signed or of 32 bits"):
        read_image(tmp_path / "x.tif", SIZE, 1)


def test_only_images_are_opened_whatever_their_suffix(tmp_path):
    (tmp_path / "x.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\n")
    for read in (image_size, partial(read_image, size=SIZE, channels=3)):
        with pytest.raises(UnreadableImage, match=r"x\.png is no readable image: cannot identify"):
            read(tmp_path / "x.png")


def test_a_broken_link_is_an_image_that_cannot_be_read(tmp_path):
    (tmp_path / "x.png").symlink_to("nowhere.png")
    assert is_image(tmp_path / "x.png")
    with pytest.raises(UnreadableImage, match="No such file"):
        read_image(tmp_path / "x.png", SIZE, 3)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", [6, 8])
def test_an_image_on_its_side_is_turned_once(tmp_path, suffix, orientation):
    pixels = np.zeros((16, 24, 3), np.uint8)
    pixels[:, :12] = 255  # the left half, which is the top one of 6 and the bottom one of 8
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(tmp_path / f"x.{suffix}", exif=exif)
    assert image_size(tmp_path / f"x.{suffix}") == (24, 16)
    image = read_image(tmp_path / f"x.{suffix}", (24, 16), 1)[0]
    white, black = (image[:11], image[13:]) if orientation == 6 else (image[13:], image[:11])
    assert white.min() > 220
    assert black.max() < 35


@pytest.mark.parametrize(
    ("suffix", "mode"), [("jpg", "RGB"), ("png", "RGBA"), ("png", "RGB"), ("webp", "RGB"), ("tif", "RGB")]
)
def test_an_image_turned_by_exif_is_upright(picture, tmp_path, suffix, mode):
    exif = Image.Exif()
    exif[0x0112] = 3  # stored upside down: to be turned by 180 degrees
    path = tmp_path / f"x.{suffix}"
    picture.convert(mode).save(path, exif=exif, quality=95)
    left, right = left_and_right(read_image(path, SIZE, 3)[0])
    np.testing.assert_allclose(left, [0, 0, 255], atol=30)
    np.testing.assert_allclose(right, [255, 0, 0], atol=30)


def test_the_first_frame_of_an_animation_is_taken(picture, tmp_path):
    picture.save(tmp_path / "x.gif", save_all=True, append_images=[Image.new("RGB", picture.size)])
    image, said = read_image(tmp_path / "x.gif", SIZE, 3)
    assert said == "animation to its first frame, P to RGB"
    assert image.max() > 200


def test_other_shapes_are_cropped_about_the_centre(tmp_path):
    pixels = np.zeros((6, 24, 3), np.uint8)
    pixels[:, 8:16] = 255
    Image.fromarray(pixels).save(tmp_path / "x.png")
    assert (read_image(tmp_path / "x.png", SIZE, 3)[0] > 250).all()


def test_a_truncated_file_and_one_of_text_are_named(picture, tmp_path):
    picture.resize((200, 200)).save(tmp_path / "cut.jpg")
    whole = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_text("no image")
    for name in ("cut.jpg", "text.png"):
        with pytest.raises(UnreadableImage, match=rf"{name} is no readable image"):
            read_image(tmp_path / name, SIZE, 3)


def test_bad_files_are_left_out_and_named_when_asked(picture, tmp_path):
    picture.save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no image")
    picture.convert("L").save(tmp_path / "c.png")
    paths = sorted(tmp_path.iterdir())
    with pytest.raises(UnreadableImage, match=r"b\.png"):
        read_images(paths, SIZE)
    found = read_images(paths, SIZE, skip_bad=True)
    assert found.images.shape == (2, *SIZE, 3)
    assert found.read.tolist() == [True, False, True]
    assert found.conversions == {"L to RGB": 1}
    assert len(found.unreadable) == 1


def test_a_very_large_image_is_averaged_down_first_and_looks_the_same(picture, tmp_path, monkeypatch):
    picture.resize((160, 120)).rotate(90, expand=True).save(tmp_path / "x.png")
    usual, _ = read_image(tmp_path / "x.png", SIZE, 3)
    monkeypatch.setattr(image_files, "LARGE", 100)
    assert Image.open(tmp_path / "x.png").reduce(3).size == _fewer_pixels(Image.open(tmp_path / "x.png"), 40).size
    averaged, _ = read_image(tmp_path / "x.png", SIZE, 3)
    np.testing.assert_allclose(averaged, usual, atol=12)


def test_hidden_files_and_notes_are_no_images(tmp_path):
    for name in ("._x.jpg", "notes.txt", "x.JPG"):
        (tmp_path / name).write_text("")
    assert [path.name for path in sorted(tmp_path.iterdir()) if is_image(path)] == ["x.JPG"]


def test_images_of_which_too_few_differ_are_told():
    images = np.zeros((100, 4, 4, 1), np.uint8)
    images[50:] = 1
    image_store.check_distinct(images, 2, "")
    with pytest.raises(ValueError, match="a task takes 5, and of these 100 only 2 differ from each other"):
        image_store.check_distinct(images, 5, "a task takes 5")
