import keras
import numpy as np
import pytest
import tensorflow as tf

from latentshot.glico.latent.codes import Codes
from latentshot.glico.latent.interpolation import lerp, slerp
from latentshot.glico.latent.laplacian import LaplacianLoss, pyramid
from latentshot.glico.latent.model import GLICO
from latentshot.glico.latent.perceptual import PerceptualLoss, relative_weights
from latentshot.glico.latent.sampling import LatentSampler
from latentshot.glico.latent.targets import TargetCache
from latentshot.models.dcgan import dcgan_generator
from latentshot.models.weak_cnn import weak_cnn

N, DIM, SHAPE = 12, 6, (8, 8, 3)
LABELS = np.repeat([0, 1, 2], 4).astype(np.int32)


def unit_vectors(n, d, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, d))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def images():
    """Twelve images of four patches each."""
    return np.random.default_rng(0).integers(0, 256, (N, 2, 2, 3), dtype=np.uint8).repeat(4, axis=1).repeat(4, axis=2)


def built(images, classifier=True, noise="concatenated", classifier_space="image", **options):
    keras.utils.set_random_seed(0)
    loss = LaplacianLoss()
    noise_dim = 3
    generator = dcgan_generator(DIM + (noise_dim if noise == "concatenated" else 0), SHAPE, filters=4)
    judge = weak_cnn(SHAPE, 3, filters=4)
    if classifier_space == "latent":
        judge = keras.Sequential([keras.Input((DIM,)), keras.layers.Dense(3)])
    codes = Codes(unit_vectors(N, DIM), learning_rate=0.05)
    model = GLICO(
        codes,
        generator,
        judge if classifier else None,
        loss,
        TargetCache(loss, images),
        noise_dim=noise_dim,
        noise=noise,
        classifier_space=classifier_space,
        **options,
    )
    model.compile(keras.optimizers.Adam(0.01))
    return model


def batches(size=4):
    everything = tf.data.Dataset.from_tensor_slices({"index": np.arange(N, dtype=np.int32), "label": LABELS})
    return everything.repeat().batch(size)


# interpolation


def float64_slerp(a, b, t):
    """Equation 3 as it stands."""
    angle = np.arccos(np.clip(np.sum(a * b, axis=1), -1, 1))[:, None]
    t = t[:, None]
    return (a * np.sin((1 - t) * angle) + b * np.sin(t * angle)) / np.sin(angle)


def test_slerp_equals_equation_3_in_float64():
    a, b = unit_vectors(200, 128, 1), unit_vectors(200, 128, 2)
    t = np.random.default_rng(3).random(200)
    ours = slerp(*(tf.constant(value, tf.float32) for value in (a, b, t)))
    np.testing.assert_allclose(ours, float64_slerp(a, b, t), atol=1e-6)


def test_slerp_starts_and_ends_at_its_codes_and_stays_on_the_sphere():
    a, b = (tf.constant(unit_vectors(50, 128, seed), tf.float32) for seed in (1, 2))
    np.testing.assert_allclose(slerp(a, b, tf.zeros(50)), a, atol=1e-6)
    np.testing.assert_allclose(slerp(a, b, tf.ones(50)), b, atol=1e-6)
    middle = slerp(a, b, tf.fill((50,), 0.5))
    np.testing.assert_allclose(tf.norm(middle, axis=1), 1.0, atol=1e-6)
    assert (tf.norm(lerp(a, b, tf.fill((50,), 0.5)), axis=1).numpy() < 0.95).all()


@pytest.mark.parametrize("angle", [0.0, 1e-8, 1e-4, np.pi - 1e-4, np.pi])
def test_slerp_goes_its_share_of_the_angle_even_near_zero_and_pi(angle):
    a = np.array([[1.0, 0.0, 0.0]])
    b = np.array([[np.cos(angle), np.sin(angle), 0.0]])
    for t in (0.0, 0.25, 1.0):
        point = slerp(*(tf.constant(value, tf.float32) for value in (a, b, np.array([t])))).numpy()[0]
        assert np.linalg.norm(point) == pytest.approx(1.0, abs=1e-6)
        assert np.arctan2(np.linalg.norm(point[1:]), point[0]) == pytest.approx(t * angle, abs=1e-6)


# codes


def test_the_lazy_adam_of_the_codes_equals_keras_adam_where_every_row_has_a_gradient():
    initial = unit_vectors(5, DIM).astype(np.float32)
    codes, variable = Codes(initial, learning_rate=0.01), keras.Variable(initial)
    adam = keras.optimizers.Adam(0.01)
    for step in range(4):
        gradients = tf.random.stateless_normal((5, DIM), (0, step))
        codes.update(tf.range(5), gradients)
        adam.apply([gradients], [variable])
        variable.assign(tf.math.l2_normalize(variable.value, axis=1))
    np.testing.assert_allclose(codes.table, variable, atol=1e-6)


def test_a_step_leaves_codes_outside_its_batch_alone_with_their_optimizers_state():
    codes = Codes(unit_vectors(6, DIM))
    before = [weight.numpy() for weight in codes.weights]
    codes.update(tf.constant([4, 1]), tf.ones((2, DIM)))
    others = [0, 2, 3, 5]
    for then, now in zip(before, codes.weights, strict=True):
        np.testing.assert_array_equal(now.numpy()[others], then[others])
        assert (now.numpy()[[1, 4]] != then[[1, 4]]).any()


def test_a_code_without_a_direction_is_named():
    with pytest.raises(ValueError, match="code 2 is the zero vector"):
        Codes(np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]))


# reconstruction losses


def test_taps_count_by_their_share_of_the_mean_activation():
    """A tap ten times as large as another has a tenth of its weight: lambda_j is over the mean activation."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    tap = keras.layers.Conv2D(4, 3, activation="relu")(inputs)
    images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)
    features = keras.Model(inputs, [tap, keras.layers.Rescaling(10.0)(tap)])
    weights = relative_weights(features, images, [0.2, 0.8])
    mean = features.predict(images / np.float32(255.0), verbose=0)[0].mean()
    np.testing.assert_allclose(weights, [0.2 / mean, 0.8 / (10 * mean)], rtol=1e-5)


def test_the_perceptual_loss_equals_equation_1():
    keras.utils.set_random_seed(0)
    images = keras.Input((8, 8, 3))
    first = keras.layers.Conv2D(4, 3, activation="relu")(images)
    second = keras.layers.Conv2D(5, 3, strides=2)(first)
    features = keras.Model(images, [first, second])
    a, b = np.random.default_rng(0).random((2, 3, 8, 8, 3), dtype=np.float32)
    loss = PerceptualLoss(features, weights=[0.3, 0.7], pixel_weight=0.1)
    expected = 0.1 * np.abs(a - b).mean(axis=(1, 2, 3))
    for weight, ours, theirs in zip([0.3, 0.7], features.predict(a), features.predict(b), strict=True):
        expected += weight * np.abs(ours - theirs).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(loss(tf.constant(a), loss.targets(tf.constant(b))), expected, rtol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_in_mixed_precision_the_perceptual_loss_is_float32(policy):
    keras.config.set_dtype_policy(policy)
    try:
        inputs = keras.Input((8, 8, 3))
        loss = PerceptualLoss(keras.Model(inputs, [keras.layers.Conv2D(4, 3)(inputs)]), pixel_weight=0.1)
        a = tf.random.stateless_uniform((2, 8, 8, 3), (0, 0))
        assert loss(a, loss.targets(a[::-1])).dtype == tf.float32
    finally:
        keras.config.set_dtype_policy("float32")


def test_the_weights_of_the_perceptual_loss_are_checked():
    images = keras.Input((8, 8, 3))
    features = keras.Model(images, [keras.layers.Conv2D(4, 3)(images)])
    with pytest.raises(ValueError, match="2 weights were given for 1 taps"):
        PerceptualLoss(features, [0.5, 0.5])
    with pytest.raises(ValueError, match="must be 0 or more, not -1"):
        PerceptualLoss(features, [-1.0])


@pytest.mark.parametrize("side", [28, 30, 33])
def test_a_laplacian_pyramid_gives_the_image_back(side):
    image = tf.random.stateless_uniform((2, side, side, 3), (0, 0))
    *details, rest = pyramid(image)
    assert min(rest.shape[1:3]) < 8
    for detail in reversed(details):
        rest = detail + tf.image.resize(rest, detail.shape[1:3])
    np.testing.assert_allclose(rest, image, atol=1e-6)


def test_the_laplacian_loss_is_zero_for_equal_images_and_the_difference_of_flat_ones():
    loss, flat = LaplacianLoss(), tf.fill((2, 16, 16, 1), 0.25)
    np.testing.assert_allclose(loss(flat, loss.targets(flat)), 0.0, atol=1e-7)
    # a flat image has no details: all that differs is what is left at last
    np.testing.assert_allclose(loss(flat, loss.targets(flat + 0.5)), 0.5, atol=1e-6)


@pytest.mark.parametrize(("memory", "dtype"), [(1e9, tf.float32), (N * 8 * 8 * 3 * 2 * 1.6, tf.float16), (10, None)])
def test_kept_targets_equal_fresh_ones_in_the_precision_that_fits(images, memory, dtype):
    loss = LaplacianLoss()
    cache = TargetCache(loss, images, memory)
    assert cache.dtype == dtype
    chosen = tf.constant([3, 0, 7])
    fresh = loss.targets(tf.constant(images[[3, 0, 7]] / 255.0, tf.float32))
    for ours, expected in zip(cache(chosen), fresh, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-3 if dtype == tf.float16 else 1e-6)


def test_targets_of_more_than_a_thousand_million_numbers_are_not_kept_in_too_little_memory():
    class Wide(LaplacianLoss):
        def targets(self, images):
            return [tf.zeros((len(images), 100_000))]

    cache = TargetCache(Wide(), np.zeros((50_000, 1, 1, 1), np.uint8), memory=1e9)
    assert cache.kept is None


# the model


@pytest.mark.parametrize("options", [{}, {"classifier": False}, {"noise": "additive"}, {"classifier_space": "latent"}])
def test_codes_are_on_the_unit_sphere_after_every_step_and_the_reconstruction_improves(images, options):
    model = built(images, gamma=0.01, **options)
    sphere = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: np.testing.assert_allclose(
            tf.norm(model.codes.table.value, axis=1), 1.0, atol=1e-6
        )
    )
    history = model.fit(batches(), epochs=3, steps_per_epoch=30, verbose=0, shuffle=False, callbacks=[sphere]).history
    assert history["reconstruction"][-1] < 0.9 * history["reconstruction"][0]


def test_a_step_changes_the_codes_of_its_batch_the_generator_and_the_classifier(images):
    model = built(images)
    before = [part.get_weights() for part in (model.generator, model.classifier)]
    codes = model.codes.table.numpy()
    model.train_step({"index": tf.constant([1, 5]), "label": tf.constant([0, 1])})
    assert set(np.flatnonzero((model.codes.table.numpy() != codes).any(axis=1))) == {1, 5}
    for part, weights in zip((model.generator, model.classifier), before, strict=True):
        assert any((now != then).any() for now, then in zip(part.get_weights(), weights, strict=True))


def test_images_without_a_label_leave_the_cross_entropy_alone(images):
    def cross_entropy(indices, labels):
        model = built(images)
        model.train_step({"index": tf.constant(indices), "label": tf.constant(labels)})
        return float(model.get_metrics_result()["cross_entropy"])

    assert cross_entropy([0, 5], [-1, -1]) == 0.0
    assert cross_entropy([0, 5], [0, -1]) > 0.0


@pytest.mark.parametrize(("name", "value"), [("gamma", -1.0), ("sigma", float("nan"))])
def test_a_weight_or_noise_that_cannot_be_is_named(images, name, value):
    with pytest.raises(ValueError, match=f"{name} is {value:g}"):
        built(images, **{name: value})


# sampling


def test_partners_are_the_other_images_of_the_class_and_all_come(images):
    sampler = LatentSampler(built(images), LABELS)
    seen: dict[int, set[int]] = {index: set() for index in range(N)}
    for seed in range(100):
        for index, partner in enumerate(sampler.partners(tf.range(N), tf.constant([0, seed])).numpy()):
            seen[index].add(int(partner))
    for index, partners in seen.items():
        assert partners == {other for other in range(N) if LABELS[other] == LABELS[index] and other != index}


def test_an_image_alone_in_its_class_is_its_own_partner(images):
    labels = LABELS.copy()
    labels[-1] = 3
    sampler = LatentSampler(built(images), labels)
    assert int(sampler.partners(tf.constant([N - 1]), tf.constant([0, 0]))[0]) == N - 1


def test_images_without_a_label_are_nobodys_partner(images):
    labels = LABELS.copy()
    labels[[0, 5]] = -1
    sampler = LatentSampler(built(images), labels)
    for seed in range(20):
        partners = sampler.partners(tf.range(N), tf.constant([0, seed])).numpy()
        assert partners[[0, 5]].tolist() == [0, 5]
        assert not set(partners[labels >= 0]) & {0, 5}


def test_samples_depend_on_the_seed_alone_and_are_images(images):
    sampler = LatentSampler(built(images), LABELS)
    first, again, other = (sampler(tf.range(N), tf.constant([0, seed])).numpy() for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first.shape == (N, *SHAPE)
    assert 0 <= first.min() <= first.max() <= 1
