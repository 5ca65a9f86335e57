"""UMTRA's classes: an image, and copies of it that are shifted and lack pixels."""

import numpy as np
import pytest

from latentshot.lasium.tasks.stream import TaskShape, task_stream
from latentshot.lasium.tasks.umtra import UmtraSource

N_TASKS, N_WAY, N_COPIES, SIDE = 10, 4, 8, 28


@pytest.fixture(scope="module")
def tasks():
    """Of images of one grey each: those that classes start with, (tasks, n_way), and pixels of their copies."""
    images = np.arange(1, 21, dtype=np.uint8)[:, None, None, None] * np.ones((SIDE, SIDE, 1), np.uint8)
    stream = task_stream(UmtraSource(images, N_WAY), TaskShape(N_WAY, 1, N_COPIES), N_TASKS, seed=0)
    x, _ = next(iter(stream))
    firsts, copies = (np.round(255 * x[f"{part}_images"].numpy()).astype(int) for part in ("support", "query"))
    assert (firsts == firsts[:, :, :1, :1]).all()
    return firsts[:, :, 0, 0, 0], copies.reshape(N_TASKS, N_WAY, N_COPIES, SIDE, SIDE)


def test_a_class_is_an_image_and_copies_of_it_alone(tasks):
    firsts, copies = tasks
    assert all(len(set(task)) == N_WAY for task in firsts.tolist())
    assert ((copies == 0) | (copies == firsts[:, :, None, None, None])).all()
    assert (copies.max(axis=(-2, -1)) == firsts[:, :, None]).all()


def test_three_pixels_in_ten_of_a_copy_are_0(tasks):
    never_left = tasks[1][..., 6:-6, 6:-6]  # whatever the shift
    assert np.mean(never_left == 0) == pytest.approx(0.3, abs=0.007)  # 81,920 draws: four standard deviations
    by_copy = np.mean(never_left == 0, axis=(-2, -1))
    assert by_copy.std() == pytest.approx((0.3 * 0.7 / 256) ** 0.5, rel=0.2)  # each pixel is drawn by itself


@pytest.mark.parametrize("axis", [-2, -1])
def test_a_copy_is_shifted_by_six_pixels_at_most_either_way(tasks, axis):
    seen = (tasks[1] > 0).any(axis=axis).reshape(-1, SIDE)
    left, right = seen.argmax(axis=1), seen[:, ::-1].argmax(axis=1)  # pixels that the copy has left empty
    assert set((left - right).tolist()) == set(range(-6, 7))
    assert (np.minimum(left, right) == 0).all()


def test_classes_are_different_images_and_no_two_copies_are_equal(blobs):
    source = UmtraSource(blobs.unlabelled, 5)
    x, _ = next(iter(task_stream(source, TaskShape(5, 1, 3), 2, seed=0)))
    known = {image.tobytes() for image in blobs.unlabelled}
    for support, queries in zip(x["support_images"].numpy(), x["query_images"].numpy(), strict=True):
        assert len({np.round(255 * image).astype(np.uint8).tobytes() for image in support} & known) == 5
        assert len({image.tobytes() for image in queries}) == 15
