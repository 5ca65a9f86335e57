"""What a synthetic class shows: its image, copies of it, and what the generator makes of its latents."""

import numpy as np
import pytest
import tensorflow as tf

from latentshot.lasium.tasks.strategies import Noise, RandomOutOfClass
from latentshot.lasium.tasks.stream import TaskShape, task_stream
from latentshot.lasium.tasks.synthetic import SyntheticSource


@pytest.mark.parametrize("share", [0.1, 0.5, 0.75])
def test_a_share_of_a_class_is_generated_and_the_rest_are_copies(pixel_generator, pixel_images, share):
    decoded = []

    class Counting:
        latent_dim, image_shape, encode = 4, (2, 2, 1), pixel_generator.encode

        def generate(self, latents):
            decoded.append(latents.shape[0])
            return pixel_generator.generate(latents)

    source = SyntheticSource(Counting(), RandomOutOfClass(0.4), 0.0, pixel_images, generated_share=share)
    decoded.clear()  # of the look at what the generator makes
    shape = TaskShape(8, 1, 5)
    x, _ = next(iter(task_stream(source, shape, 2, 0)))
    assert decoded == [2 * int(share * 40)]  # no more are decoded than needed
    support = x["support_images"].numpy()[:, :, None]
    queries = x["query_images"].numpy().reshape(2, 8, 5, 2, 2, 1)
    copied = np.isclose(queries, support, atol=1e-6).all(axis=(-3, -2, -1))
    assert copied.sum() == 2 * (40 - int(share * 40))


def test_without_an_encoder_copies_are_of_the_decoded_anchor(pixel_generator):
    source = SyntheticSource(FunctionalLike(pixel_generator), Noise(0.5), generated_share=0.5)
    x, _ = next(iter(task_stream(source, TaskShape(4, 1, 2), 1, 0)))
    copied = np.isclose(x["query_images"].numpy().reshape(1, 4, 2, 4), x["support_images"].numpy().reshape(1, 4, 1, 4))
    assert copied.all(axis=-1).sum() == 4


class FunctionalLike:
    def __init__(self, generator):
        self.latent_dim, self.image_shape, self.generate = 4, (2, 2, 1), generator.generate


class Negative:
    """A generator that shows the negative, so that images and decoded ones are of two kinds."""

    latent_dim, image_shape = 4, (2, 2, 1)

    def __init__(self, generator):
        self.encode, self.positive = generator.encode, generator.generate

    def generate(self, latents):
        return 1.0 - self.positive(latents)


@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize("rendering", ["paper", "decoded", "difference"])
def test_a_class_shows_the_image_or_its_reconstruction_and_what_moving_changes_of_it(
    pixel_generator, pixel_images, rendering, share
):
    generator = Negative(pixel_generator)
    source = SyntheticSource(generator, RandomOutOfClass(0.4), 0.0, pixel_images, share, rendering)
    shape = TaskShape(6, 1, 2)
    plans = [source.plan(shape, tf.constant([0, i])) for i in range(2)]
    tasks = source.render(tf.nest.map_structure(lambda *parts: tf.stack(parts), *plans)).numpy()  # (2, 6, 3, 2, 2, 1)
    for plan, task in zip(plans, tasks, strict=True):
        images = pixel_images[plan["first_shots"].numpy()] / np.float32(255)
        decoded = generator.generate(tf.reshape(plan["latents"], (-1, 4))).numpy().reshape(6, 3, 2, 2, 1)
        moved = images[:, None] + decoded[:, 1:] - decoded[:, :1]
        assert (moved < 0).any()  # so that clipping matters
        firsts = decoded[:, 0] if rendering == "decoded" else images
        made = moved.clip(0, 1) if rendering == "difference" else decoded[:, 1:]
        copies = np.repeat(firsts[:, None], 2, axis=1)
        if share < 1:
            made[:, 1] = copies[:, 1]  # of 12 places each second is generated
        np.testing.assert_allclose(task[:, 0], firsts, atol=1e-6)
        np.testing.assert_allclose(task[:, 1:], made, atol=1e-6)


def test_an_unknown_rendering_is_an_error(pixel_generator):
    with pytest.raises(ValueError, match="rendering is 'sharp'; it must be one of paper, decoded, difference"):
        SyntheticSource(pixel_generator, Noise(0.5), rendering="sharp")


def test_a_rendering_of_images_without_images_is_an_error(pixel_generator):
    with pytest.raises(ValueError, match="rendering is difference, which takes images and a generator that encodes"):
        SyntheticSource(pixel_generator, Noise(0.5), rendering="difference")


def test_a_generator_without_a_prior_is_not_asked_for_draws_of_it(pixel_generator, monkeypatch):
    monkeypatch.setattr(pixel_generator, "has_prior", False, raising=False)
    with pytest.raises(ValueError, match="PixelGenerator has no prior to draw anchors from: give images"):
        SyntheticSource(pixel_generator, Noise(0.5))


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_a_share_outside_its_range_is_an_error(pixel_generator, share):
    with pytest.raises(ValueError, match=f"generated_share is {share:g}; it must be above 0 and at most 1"):
        SyntheticSource(pixel_generator, Noise(0.5), generated_share=share)
