"""GLICO's step on codes, generator and weak classifier, and what is sampled between the codes."""

import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from made_codes import BareCodes, unit_vectors

from latentshot.glico.latent.codes import Codes
from latentshot.glico.latent.interpolation import lerp, slerp
from latentshot.glico.latent.laplacian import LaplacianLoss
from latentshot.glico.latent.model import GLICO
from latentshot.glico.latent.sampling import LatentSampler
from latentshot.glico.latent.targets import TargetCache
from latentshot.models.dcgan import dcgan_generator
from latentshot.models.weak_cnn import weak_cnn
from latentshot.training.fit import train

N, DIM, SHAPE = 12, 6, (8, 8, 3)


LABELS = np.repeat([0, 1, 2], 4).astype(np.int32)


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


@pytest.mark.parametrize(("memory", "dtype"), [(1e9, tf.float32), (N * 8 * 8 * 3 * 2 * 1.6, tf.float16), (10, None)])
def test_kept_targets_equal_fresh_ones_in_the_precision_that_fits(images, memory, dtype):
    loss = LaplacianLoss()
    cache = TargetCache(loss, images, memory)
    assert cache.dtype == dtype
    chosen = tf.constant([3, 0, 7])
    fresh = loss.targets(tf.constant(images[[3, 0, 7]] / 255.0, tf.float32))
    in_a_graph = tf.function(cache)
    for found in (in_a_graph(chosen), cache(chosen)):
        for ours, expected in zip(found, fresh, strict=True):
            np.testing.assert_allclose(ours, expected, atol=1e-3 if dtype == tf.float16 else 1e-6)
    assert (cache.kept is None) == (dtype is None)
    cache.forget()
    assert cache.kept is None
    np.testing.assert_allclose(cache(chosen)[0], fresh[0], atol=1e-3 if dtype == tf.float16 else 1e-6)


def test_the_targets_of_a_training_that_is_over_leave_the_memory(images, tmp_path):
    model = built(images)
    train(model, lambda step: batches(), 1, 3, tmp_path / "checkpoints", tmp_path / "logs", "test")
    kept = [weakref.ref(each) for each in model.targets.kept]
    model.forget_targets()
    assert [each for each in kept if each() is not None] == []


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


@pytest.mark.parametrize("gamma", [0.3, 2.0])
def test_a_step_goes_down_the_reconstruction_and_gamma_times_the_cross_entropy_of_what_has_a_label(images, gamma):
    model = built(images, gamma=gamma)
    model.compile(keras.optimizers.SGD(1.0))
    indices, labels = np.array([1, 5, 6, 9, 11]), np.array([0, -1, 1, -1, 2])
    codes, noise = model.codes(indices), tf.random.stateless_normal((5, 3), (0, 0))
    variables = [*model.generator.trainable_variables, *model.classifier.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch(codes)
        made = model.generator(tf.concat([codes, 0.15 * noise], axis=1), training=True)
        chances = tf.nn.softmax(model.classifier(made, training=True))
        cross_entropy = -(tf.math.log(chances[0, 0]) + tf.math.log(chances[2, 1]) + tf.math.log(chances[4, 2])) / 3
        loss = tf.reduce_mean(model.reconstruction_loss(made, model.targets(indices))) + gamma * cross_entropy
    of_codes, *gradients = tape.gradient(loss, [codes, *variables])
    before = [variable.numpy() for variable in variables]
    model.train_step({"index": tf.constant(indices), "label": tf.constant(labels)})
    for variable, value, gradient in zip(variables, before, gradients, strict=True):
        np.testing.assert_allclose(value - variable, gradient, rtol=1e-3, atol=1e-5)
    moved = codes.numpy() - 0.05 * np.sign(of_codes)  # as far as Adam's first step goes
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    np.testing.assert_allclose(model.codes(indices), moved, atol=1e-3)


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


@pytest.mark.parametrize("interpolate", [slerp, lerp])
def test_a_sample_lies_one_of_the_ratios_on_the_way_from_its_code_to_another_one_of_the_class(interpolate):
    table, labels, ratios = unit_vectors(N, DIM).astype(np.float32), np.arange(N) % 3, (-0.5, 0.1, 0.3)
    sampler = LatentSampler(BareCodes(table), labels, ratios, interpolate)
    first, partner, ratio = (each.ravel() for each in np.indices((N, N, 3)))
    ways = interpolate(
        *(tf.constant(each) for each in (table[first], table[partner], np.array(ratios, np.float32)[ratio]))
    )
    ways = np.asarray(ways).reshape(N, N * 3, DIM)  # from each code to every one by every ratio
    seen = set()
    for seed in range(100):
        away = np.linalg.norm(ways - sampler(tf.range(N), tf.constant([0, seed])).numpy()[:, None], axis=2)
        assert away.min(axis=1).max() < 1e-5
        seen |= set(enumerate(away.argmin(axis=1).tolist()))
    same = [(i, 3 * j + k) for i in range(N) for j in range(N) for k in range(3) if i != j and labels[i] == labels[j]]
    assert seen == set(same)


def test_samples_of_classes_begin_at_every_code_of_their_class_and_no_other():
    table, labels = unit_vectors(N, DIM), np.arange(N) % 3
    sampler = LatentSampler(BareCodes(table), labels, ratios=(0.0,))  # they go no way at all
    asked = np.repeat([2, 0, 1, 0], 40)
    made = sampler.of_classes(tf.constant(asked), tf.constant([0, 1])).numpy()
    distances = np.linalg.norm(made[:, None] - table, axis=2)
    assert distances.min(axis=1).max() < 1e-5
    begun = distances.argmin(axis=1)
    np.testing.assert_array_equal(labels[begun], asked)
    assert set(begun.tolist()) == set(range(N))
