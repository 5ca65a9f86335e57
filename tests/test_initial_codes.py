import keras
import numpy as np
import pytest

from latentshot.glico.latent.initial_codes import feature_codes, hypercube_codes, random_codes

LABELS = np.array([0, 0, 1, 1, 2, 2, -1, -1])


def angles(codes):
    return np.degrees(np.arccos(np.clip(codes @ codes.T, -1, 1)))


@pytest.mark.parametrize("codes", [random_codes(8, 128), hypercube_codes(LABELS, 128)])
def test_codes_start_on_the_unit_sphere_in_float32(codes):
    assert codes.dtype == np.float32
    assert codes.shape == (8, 128)
    np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1.0, atol=1e-6)


def test_random_codes_are_near_right_angles_and_a_function_of_the_seed():
    between = angles(random_codes(200, 128))[np.triu_indices(200, k=1)]
    assert between.mean() == pytest.approx(90, abs=0.5)
    np.testing.assert_array_equal(random_codes(5, 8, seed=3), random_codes(5, 8, seed=3))
    assert (random_codes(5, 8, seed=3) != random_codes(5, 8, seed=4)).any()


def test_codes_of_a_class_start_about_its_own_vertex_and_unlabelled_ones_anywhere():
    between = angles(hypercube_codes(LABELS, 128))
    # a spread of 0.1 turns each code by some 6 degrees
    assert max(between[0, 1], between[2, 3], between[4, 5]) < 12
    assert between[0, 2:].min() > 50
    assert between[6, 7] > 50
    assert hypercube_codes(np.full(3, -1), 128).shape == (3, 128)


def test_more_classes_than_vertices_are_told():
    with pytest.raises(ValueError, match="5 classes need as many vertices; a hypercube of 2 dimensions has fewer"):
        hypercube_codes(np.arange(5), 2)


def test_codes_from_features_keep_what_is_near_near():
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    images[1] = np.clip(images[0].astype(int) + 3, 0, 255)
    codes = feature_codes(keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()]), images, 64)
    assert codes.shape == (4, 64)
    between = angles(codes)
    assert between[0, 1] < 10
    assert between[0, 2:].min() > 60
