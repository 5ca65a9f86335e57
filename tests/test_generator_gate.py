"""What the gate says of generators: good, blurred, collapsed, untrained."""

import json

import numpy as np
import pytest
import tensorflow as tf

from latentshot.lasium.experiment.generator_gate import GeneratorGate, explained_detail, judge, sample_of
from latentshot.models.vae import omniglot_vae


class Scaled:
    """Draws and reconstructions are images of the 'set' whose differences from the mean image are scaled."""

    latent_dim, image_shape = 2, (8, 8, 1)

    def __init__(self, images, scale=1.0, blur=False):
        self.images, self.scale, self.blur = tf.constant(images), scale, blur

    def changed(self, images):
        mean = tf.reduce_mean(self.images, axis=0)
        images = tf.nn.avg_pool2d(images, 3, 1, "SAME") if self.blur else images
        return mean + self.scale * (images - mean)

    def generate(self, latents):
        return self.changed(tf.gather(self.images, tf.cast(tf.abs(latents[:, 0]) * 1e4, tf.int32) % len(self.images)))


class Encoding(Scaled):
    def encode(self, images):
        """The place of the image among those of the set, as `generate` reads it."""
        errors = tf.reduce_sum(tf.square(images[:, None] - self.images[None]), axis=(2, 3, 4))
        places = tf.cast(tf.argmin(errors, axis=1), tf.float32)
        return tf.stack([(places + 0.5) / 1e4, tf.zeros_like(places)], axis=1)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1)).astype(np.uint8)


def gate(images, **options):
    return GeneratorGate(images, "vae", "Train it longer", **options)


def test_the_figures_are_those_of_their_formulas(images):
    """Half the deviation of every pixel is 6.02 dB above the mean image, with three quarters of the detail and a
    quarter of the variance."""
    pixels = sample_of(images)
    half, _ = judge(Encoding(pixels, 0.5), pixels)
    errors = np.square(pixels - pixels.mean(axis=0)).mean(axis=(1, 2, 3))
    assert half.mean_image_psnr == pytest.approx(np.mean(-10 * np.log10(errors)), abs=1e-3)
    assert half.psnr is not None
    assert half.psnr - half.mean_image_psnr == pytest.approx(20 * np.log10(2), abs=1e-3)
    assert half.detail == pytest.approx(0.75, abs=0.02)
    assert half.variety == pytest.approx(0.25, rel=0.2)  # the draws repeat some images
    assert half.fault == ""


def test_a_collapsed_generator_is_turned_away_whether_it_encodes_or_not(images, tmp_path, capsys):
    pixels = sample_of(images)
    for number, generator in enumerate((Scaled(pixels, 0.01), Encoding(pixels, 0.01))):
        with pytest.raises(ValueError, match=r"the generator has collapsed: its images vary 0\.0% .* Train it longer"):
            gate(images).check(generator, tmp_path / str(number))
        assert (tmp_path / str(number) / "pictures" / "generator.png").exists()
        gate(images, use_any=True).check(generator, tmp_path / str(number))
        assert "used all the same: the generator has collapsed" in capsys.readouterr().err


def test_blur_is_told_by_the_detail_and_let_through_where_it_beats_the_mean_image(images, tmp_path, capsys):
    smooth = tf.nn.avg_pool2d(sample_of(images), 5, 1, "SAME").numpy()
    noise = np.random.default_rng(1).normal(0, 0.05, smooth.shape)
    images = (255 * (smooth + noise).clip(0, 1)).astype(np.uint8)
    gate(images).check(Encoding(sample_of(images), blur=True), tmp_path)
    said = capsys.readouterr()
    quality = json.loads((tmp_path / "generator-quality.json").read_text())
    assert quality["psnr"] > quality["mean_image_psnr"]
    assert quality["detail"] < 0.2
    assert f"{quality['psnr']:.1f} dB (the mean image: {quality['mean_image_psnr']:.1f})" in said.out
    assert f"the generator's images are blurred: they have {quality['detail']:.0%} of the detail of yours" in said.err


def test_noise_is_no_detail(images):
    pixels = sample_of(images)
    noise = np.random.default_rng(1).random(pixels.shape).astype(np.float32)
    assert explained_detail(pixels, noise) == 0
    assert explained_detail(pixels, np.broadcast_to(pixels.mean(axis=(1, 2), keepdims=True), pixels.shape)) == 0
    assert explained_detail(pixels, pixels) == 1


def test_an_untrained_vae_does_not_beat_the_mean_image(images, tmp_path):
    with pytest.raises(ValueError, match="does not beat the mean image, which every reconstruction could be"):
        gate(images).check(omniglot_vae((8, 8, 1), 4), tmp_path)
