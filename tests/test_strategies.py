import numpy as np
import pytest
import tensorflow as tf

from latentshot.lasium.tasks.anchors import ImageAnchors, PriorAnchors, pairwise_distances
from latentshot.lasium.tasks.strategies import Noise, OtherClasses, RandomOutOfClass, Varied, keep_in_class

STRATEGIES = [
    *(Noise(sigma2) for sigma2 in (0.5, 1.0, 2.0)),
    *(RandomOutOfClass(alpha) for alpha in (0.2, 0.4, 1.0)),
    *(OtherClasses(alpha) for alpha in (0.2, 0.4, 0.5, 0.6, 1.0)),
]


def grown(strategy, n_way=5, n=9, latent_dim=20, seed=0):
    source = PriorAnchors(latent_dim, epsilon=3.0)
    anchors = source.sample(n_way, tf.constant([seed, 0]))
    return anchors.numpy(), strategy.in_class(anchors, n, source, tf.constant([seed, 1])).numpy()


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
@pytest.mark.parametrize(("n_way", "n"), [(5, 5), (5, 19), (2, 7), (20, 6)])
def test_all_samples_differ_and_are_nearest_to_their_own_anchor(strategy, n_way, n):
    for seed in range(5):
        anchors, vectors = grown(strategy, n_way, n, seed=seed)
        everything = np.concatenate([anchors[:, None], vectors], axis=1).reshape(-1, anchors.shape[1])
        gaps = pairwise_distances(tf.constant(everything), tf.constant(everything)).numpy()
        assert gaps[~np.eye(len(gaps), dtype=bool)].min() > 1e-3
        to_anchors = pairwise_distances(
            tf.constant(vectors.reshape(-1, anchors.shape[1])), tf.constant(anchors)
        ).numpy()
        np.testing.assert_array_equal(to_anchors.argmin(axis=1), np.arange(n_way).repeat(n))


@pytest.mark.parametrize("strategy", [RandomOutOfClass(0.2), RandomOutOfClass(0.9), OtherClasses(0.5)], ids=str)
def test_with_image_anchors_too_all_samples_differ(strategy, pixel_generator, pixel_images):
    source = ImageAnchors(pixel_generator, pixel_images[:30], epsilon=0.0)  # few images, so that draws repeat
    for task in range(30):
        anchors = source.latents(source.sample(5, tf.constant([0, task])))
        vectors = strategy.in_class(anchors, 8, source, tf.constant([1, task]))
        everything = tf.reshape(tf.concat([anchors[:, None], vectors], axis=1), (-1, 4))
        gaps = pairwise_distances(everything, everything).numpy()
        assert gaps[~np.eye(len(gaps), dtype=bool)].min() > 1e-4


@pytest.mark.parametrize("strategy", [Noise(1.0), RandomOutOfClass(0.4), OtherClasses(0.4)], ids=str)
def test_varied_goes_a_uniform_share_of_the_strategys_way(strategy):
    anchors, vectors = grown(Varied(strategy), n=200)
    _, ends = grown(strategy, n=200)
    way, whole_way = vectors - anchors[:, None], ends - anchors[:, None]
    shares = np.linalg.norm(way, axis=-1) / np.linalg.norm(whole_way, axis=-1)
    np.testing.assert_allclose(way, shares[..., None] * whole_way, atol=1e-4)
    # Of 1,000 uniform draws the mean has a standard deviation of 0.009.
    assert shares.mean() == pytest.approx(0.5, abs=0.03)
    assert np.quantile(shares, [0.1, 0.9]) == pytest.approx([0.1, 0.9], abs=0.04)


def test_noise_has_the_variance_asked_for():
    anchors, vectors = grown(Noise(0.5), n_way=1, n=20_000)
    # The sample variance of 400,000 draws has a relative standard deviation of sqrt(2 / 400,000) = 0.0022.
    assert np.var(vectors - anchors[:, None]) == pytest.approx(0.5, rel=0.01)


def test_other_classes_goes_alpha_of_the_way_to_each_other_anchor_in_turn():
    anchors, vectors = grown(OtherClasses(0.4), n_way=3, n=2)
    for i in range(3):
        for place, j in enumerate([(i + 1) % 3, (i + 2) % 3]):
            np.testing.assert_allclose(vectors[i, place], 0.6 * anchors[i] + 0.4 * anchors[j], atol=1e-5)


def test_other_classes_goes_less_far_in_each_further_round():
    anchors, vectors = grown(OtherClasses(0.3), n_way=2, n=3)
    along = np.linalg.norm(vectors[0] - anchors[0], axis=1) / np.linalg.norm(anchors[1] - anchors[0])
    np.testing.assert_allclose(along, [0.3, 0.2, 0.1], rtol=1e-5)


def test_random_out_of_class_goes_alpha_of_the_way_to_a_vector_at_least_epsilon_away():
    anchors, vectors = grown(RandomOutOfClass(0.2), n_way=1, n=500)
    distances = np.linalg.norm((vectors - anchors[:, None]) / 0.2, axis=2)
    assert distances.min() >= 3.0 - 1e-4
    # v - z of a fixed z is N(-z, I): its expected squared length is d + |z|^2
    expected = 20 + np.sum(anchors[0] ** 2)
    assert np.mean(distances**2) == pytest.approx(expected, rel=0.05)


def test_offsets_are_cut_at_nine_tenths_of_the_way_to_the_border():
    anchors = tf.constant([[0.0, 0.0], [4.0, 0.0]])  # the border is at x = 2
    offsets = tf.constant([[[3.0, 3.0], [1.0, 5.0], [-9.0, 0.0]], [[1.0, 0.0], [-1.0, 0.0], [-2.0, 1.0]]])
    kept = keep_in_class(offsets, anchors).numpy()
    np.testing.assert_allclose(kept[0], [[1.8, 1.8], [1.0, 5.0], [-9.0, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(kept[1], [[1.0, 0.0], [-1.0, 0.0], [-1.8, 0.9]], rtol=1e-6)


@pytest.mark.parametrize("alpha", [-0.1, 0.0, 1.5, float("nan")])
@pytest.mark.parametrize("strategy", [RandomOutOfClass, OtherClasses])
def test_an_alpha_out_of_range_is_an_error_with_its_value(strategy, alpha):
    with pytest.raises(ValueError, match=f"alpha is {alpha:g}"):
        strategy(alpha)


def test_a_sigma2_of_zero_is_an_error():
    with pytest.raises(ValueError, match="sigma2 is 0"):
        Noise(0.0)


def test_other_classes_needs_another_class():
    with pytest.raises(ValueError, match="n_way is 1"):
        grown(OtherClasses(0.2), n_way=1)


def test_anchors_are_at_least_epsilon_apart():
    source = PriorAnchors(128, epsilon=15.69)
    for task in range(20):
        anchors = source.sample(5, tf.constant([0, task])).numpy()
        assert np.linalg.norm(anchors[:, None] - anchors[None], axis=2)[np.triu_indices(5, 1)].min() >= 15.69


def test_an_epsilon_that_the_prior_cannot_meet_is_an_error_that_says_the_attainable_distance():
    # The distance of two draws in 128 dimensions is about sqrt(2 * 128) = 16.
    with pytest.raises(ValueError, match=r"epsilon 30 cannot be met.* is 1[56]\.\d\d in the median.*Choose an epsilon"):
        PriorAnchors(128, epsilon=30.0).check(n_way=5)


@pytest.mark.slow
def test_the_epsilon_that_the_error_names_can_be_met():
    with pytest.raises(ValueError, match="Choose an epsilon of") as told:
        PriorAnchors(20, epsilon=7.0).check(n_way=64)
    named = float(str(told.value).split()[-3])
    assert 0 < named < 6.3  # the median, which pairs reach and 64 anchors do not
    PriorAnchors(20, epsilon=named).check(n_way=64)


def test_image_anchors_are_different_images_at_least_epsilon_apart(pixel_generator, pixel_images):
    images = pixel_images.copy()
    images[100:] = images[:100]  # every image twice
    source = ImageAnchors(pixel_generator, images, epsilon=0.5)
    for task in range(20):
        drawn = source.sample(5, tf.constant([1, task]))
        assert len(np.unique(drawn.numpy() % 100)) == 5
        latents = pixel_generator.encode(tf.constant(images[drawn.numpy()] / 255.0, tf.float32)).numpy()
        assert np.linalg.norm(latents[:, None] - latents[None], axis=2)[np.triu_indices(5, 1)].min() >= 0.5


def test_without_an_epsilon_the_closest_twentieth_of_pairs_is_sampled_again(pixel_generator, pixel_images):
    source = ImageAnchors(pixel_generator, pixel_images)
    latents = source.encoded.numpy()
    distances = np.linalg.norm(latents[:, None] - latents[None], axis=2)[np.triu_indices(200, 1)]
    assert np.mean(distances < source.epsilon) == pytest.approx(0.05, abs=0.02)
