import keras
import numpy as np
import pytest
import tensorflow as tf
from made_codes import unit_vectors

from latentshot.glico.latent.codes import Codes
from latentshot.glico.latent.interpolation import lerp, slerp


def float64_slerp(a, b, t):
    """Equation 3 as it stands."""
    angle = np.arccos(np.clip(np.sum(a * b, axis=1), -1, 1))[:, None]
    t = t[:, None]
    return (a * np.sin((1 - t) * angle) + b * np.sin(t * angle)) / np.sin(angle)


def test_slerp_equals_equation_3_in_float64():
    a, b = unit_vectors(200, 128, 1), unit_vectors(200, 128, 2)
    t = np.random.default_rng(3).uniform(-1, 1, 200)  # away from b too
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


def test_the_lazy_adam_of_the_codes_equals_keras_adam_where_every_row_has_a_gradient():
    initial = unit_vectors(5, 6).astype(np.float32)
    codes, variable = Codes(initial, learning_rate=0.01), keras.Variable(initial)
    adam = keras.optimizers.Adam(0.01)
    for step in range(4):
        gradients = tf.random.stateless_normal((5, 6), (0, step))
        codes.update(tf.range(5), gradients)
        adam.apply([gradients], [variable])
        variable.assign(tf.math.l2_normalize(variable.value, axis=1))
    np.testing.assert_allclose(codes.table, variable, atol=1e-6)


def test_a_step_leaves_codes_outside_its_batch_alone_with_their_optimizers_state():
    codes = Codes(unit_vectors(6, 6))
    before = [weight.numpy() for weight in codes.weights]
    codes.update(tf.constant([4, 1]), tf.ones((2, 6)))
    others = [0, 2, 3, 5]
    for then, now in zip(before, codes.weights, strict=True):
        np.testing.assert_array_equal(now.numpy()[others], then[others])
        assert (now.numpy()[[1, 4]] != then[[1, 4]]).any()


def test_a_code_without_a_direction_is_named():
    with pytest.raises(ValueError, match="code 2 is the zero vector"):
        Codes(np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]))
