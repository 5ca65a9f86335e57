"""What is given in Python is checked where it enters: generators and images that are not as they should be."""

import numpy as np
import pytest
import tensorflow as tf
from conftest import PixelGenerator

from latentshot.datasets.unlabelled import image_batches
from latentshot.lasium.tasks.strategies import RandomOutOfClass
from latentshot.lasium.tasks.synthetic import synthetic_tasks


class OddGenerator(PixelGenerator):
    """The known generator, but for what it makes of its images or latents."""

    def __init__(self, images=lambda x: x, latents=lambda z: z):
        self.of_images, self.of_latents = images, latents

    def generate(self, latents):
        return self.of_images(super().generate(latents))

    def encode(self, images):
        return self.of_latents(super().encode(images))


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ({"images": lambda x: tf.reshape(x, (-1, 4))}, r"shape \(64, 4\).*must be floats of shape \(64, 2, 2, 1\)"),
        ({"images": lambda x: tf.cast(255 * x, tf.uint8)}, "makes uint8"),
        ({"images": lambda x: 1000 * x}, "must be finite and lie in"),
        ({"images": lambda x: x * np.nan}, "must be finite and lie in"),
        ({"latents": lambda z: z[:, :3]}, r"as \(200, 3\).*of shape \(200, 4\)"),
        ({"latents": lambda z: z / 0.0}, "must be finite and of shape"),
    ],
)
def test_a_generator_that_is_not_as_it_says_is_told(pixel_images, odd, message):
    with pytest.raises(ValueError, match=message):
        synthetic_tasks(OddGenerator(**odd), RandomOutOfClass(0.4), images=pixel_images)


@pytest.mark.parametrize(
    "images", [np.zeros((0, 2, 2, 1), np.uint8), np.zeros((9, 2, 2), np.uint8), np.zeros((9, 2, 2, 1))]
)
def test_images_that_are_floats_or_none_are_told(images):
    with pytest.raises(ValueError, match="they must be uint8 of 0 to 255"):
        image_batches(images, 2, 0)
    with pytest.raises(ValueError, match="they must be uint8 of 0 to 255"):
        synthetic_tasks(PixelGenerator(), RandomOutOfClass(0.4), images=images)
