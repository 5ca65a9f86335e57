import itertools
import re

import numpy as np
import pytest
import tensorflow as tf

from latentshot.datasets import Split
from latentshot.datasets.labelled_batches import labelled_batches
from latentshot.datasets.unlabelled import image_batches
from latentshot.lasium.augmentation.affine import RandomAffine
from latentshot.lasium.tasks.augmentation import TaskAugmentation
from latentshot.lasium.tasks.augmented import AugmentedSource, augmented_tasks
from latentshot.lasium.tasks.labelled import LabelledSource, labelled_source, labelled_tasks
from latentshot.lasium.tasks.strategies import Noise, OtherClasses, RandomOutOfClass
from latentshot.lasium.tasks.stream import TaskShape, as_tasks, task_seeds, task_stream
from latentshot.lasium.tasks.synthetic import synthetic_tasks

LABELS_AS_IMAGES = Split(
    np.arange(12, dtype=np.uint8).repeat(10)[:, None, None, None].repeat(4, axis=1).repeat(4, axis=2),
    np.arange(12, dtype=np.int32).repeat(10),
    tuple("abcdefghijkl"),
)


def batches(stream, n):
    return [(x, y.numpy()) for x, y in itertools.islice(stream, n)]


@pytest.mark.parametrize("strategy", [Noise(0.5), RandomOutOfClass(0.4), OtherClasses(0.4)], ids=str)
@pytest.mark.parametrize(("n_way", "k_shot", "n_query"), [(5, 1, 5), (3, 4, 2), (2, 2, 9)])
def test_synthetic_tasks_have_the_shape_asked_for(pixel_generator, pixel_images, strategy, n_way, k_shot, n_query):
    tasks = synthetic_tasks(pixel_generator, strategy, n_way, k_shot, n_query, 3, images=pixel_images)
    x, y = next(iter(tasks))
    assert x["support_images"].shape == (3, n_way * k_shot, 2, 2, 1)
    assert x["query_images"].shape == (3, n_way * n_query, 2, 2, 1)
    np.testing.assert_array_equal(x["support_labels"], [np.arange(n_way).repeat(k_shot)] * 3)
    np.testing.assert_array_equal(y, [np.arange(n_way).repeat(n_query)] * 3)
    assert 0 <= x["query_images"].numpy().min() <= x["query_images"].numpy().max() <= 1


def test_with_an_encoder_the_first_shots_are_different_unlabelled_images(pixel_generator, pixel_images):
    tasks = synthetic_tasks(pixel_generator, Noise(0.5), k_shot=2, images=pixel_images)
    known = {image.tobytes() for image in pixel_images}
    x, _ = next(iter(tasks))
    for support in x["support_images"].numpy():
        first_shots = np.round(255 * support[::2]).astype(np.uint8)
        assert {image.tobytes() for image in first_shots} <= known
        assert len({image.tobytes() for image in first_shots}) == 5


def test_a_generator_without_an_encoder_makes_every_image():
    class Decoder:
        latent_dim, image_shape = 4, (2, 2, 1)

        def generate(self, latents):
            return tf.sigmoid(tf.reshape(latents, (-1, 2, 2, 1)))

    x, _ = next(iter(synthetic_tasks(Decoder(), RandomOutOfClass(0.2), images=np.zeros((9, 2, 2, 1), np.uint8))))
    assert x["support_images"].numpy().std() > 0.1


def test_a_task_is_the_same_whatever_came_before(pixel_generator, pixel_images):
    def stream(meta_batch_size, start):
        affine = RandomAffine(shift=1, rotation=0.3, scale=1.25, shear=0.2)
        return synthetic_tasks(
            pixel_generator,
            RandomOutOfClass(0.4),
            meta_batch_size=meta_batch_size,
            seed=7,
            images=pixel_images,
            augmentation=TaskAugmentation(affine, affine, quarter_turns=True),
            start=start,
        )

    one_by_one = batches(stream(1, 0), 6)
    from_the_third = batches(stream(1, 2), 4)
    in_pairs_from_the_third = batches(stream(2, 1), 2)
    for index, (x, _) in enumerate(one_by_one[2:]):
        pair, place = divmod(index, 2)
        for name, value in x.items():
            np.testing.assert_array_equal(value, from_the_third[index][0][name])
            # vectorized functions round differently at the end of a batch, so no more than this across batch sizes
            np.testing.assert_allclose(value[0], in_pairs_from_the_third[pair][0][name][place], atol=1e-6)
    assert (one_by_one[0][0]["query_images"].numpy() != one_by_one[1][0]["query_images"].numpy()).any()


def test_labelled_tasks_repeat_no_class_and_no_image():
    numbered = Split(
        np.arange(120, dtype=np.uint8)[:, None, None, None], LABELS_AS_IMAGES.labels, tuple("abcdefghijkl")
    )
    for x, y in batches(labelled_tasks(numbered, 5, 2, 8, meta_batch_size=2), 10):
        for task in range(2):
            images = [
                np.round(255 * x[name][task].numpy()).astype(int).ravel() for name in ("support_images", "query_images")
            ]
            assert len(set(np.concatenate(images))) == 5 * 10
            classes = [images[0] // 10, images[1] // 10]
            class_of_label = classes[0][::2]
            assert len(set(class_of_label)) == 5
            np.testing.assert_array_equal(class_of_label[x["support_labels"][task]], classes[0])
            np.testing.assert_array_equal(class_of_label[y[task]], classes[1])


def test_a_task_by_its_number_is_that_of_the_stream():
    shape = TaskShape(3, 1, 2)
    source = labelled_source(LABELS_AS_IMAGES, shape)
    for number, (task, _) in enumerate(batches(task_stream(source, shape, 1, seed=7), 4)):
        plan = source.plan(shape, task_seeds(7, number)[0])[None]
        np.testing.assert_array_equal(task["query_images"], as_tasks(source.render(plan), 1)[0]["query_images"])


def test_classes_with_too_few_images_are_never_drawn():
    split = LABELS_AS_IMAGES
    few = Split(split.images[5:], split.labels[5:], split.class_names)  # the first class has 5 images left
    for x, _ in batches(labelled_tasks(few, 5, 1, 5, meta_batch_size=1), 30):
        assert (np.round(255 * x["support_images"].numpy()) != 0).all()


def test_a_split_too_small_for_the_task_is_an_error_with_the_numbers():
    with pytest.raises(ValueError, match=r"13-way.*need 13 classes with 6 images each; the split has 12 classes"):
        LabelledSource(LABELS_AS_IMAGES, TaskShape(13, 1, 5))
    with pytest.raises(ValueError, match=r"with 11 images each.*of which 0 have that many \(the largest has 10\)"):
        LabelledSource(LABELS_AS_IMAGES, TaskShape(5, 1, 10))


@pytest.mark.parametrize(
    ("asked", "way_out"),
    [
        ((3, 1, 9), "n_query 6 works"),
        ((3, 9, 2), "k_shot 5 works"),
        ((5, 1, 5), "n_way 4 works"),
        ((5, 9, 9), "Lower n_way, k_shot or n_query, or add images"),
        ((5, 6, 9), "n_way 2 with n_query 2 works"),
    ],
)
def test_the_error_of_a_small_split_names_a_value_that_works(asked, way_out):
    """Four classes of 6, 7, 8 and 9 images."""
    labels = np.repeat(np.arange(4, dtype=np.int32), [6, 7, 8, 9])
    split = Split(np.zeros((30, 2, 2, 1), np.uint8), labels, tuple("abcd"))
    with pytest.raises(ValueError, match=way_out):
        labelled_source(split, TaskShape(*asked))
    named = {name: int(value) for name, value in re.findall(r"(\w+) (\d+)", way_out)}
    if named:
        shape = dict(zip(("n_way", "k_shot", "n_query"), asked, strict=True))
        labelled_source(split, TaskShape(**shape | named))


def test_a_task_without_queries_is_an_error():
    with pytest.raises(ValueError, match="n_query is 0"):
        TaskShape(5, 1, 0)


def test_an_epoch_of_unlabelled_images_is_each_image_once_in_an_order_of_its_own():
    images = np.arange(12, dtype=np.uint8)[:, None, None, None]
    stream = [
        np.round(255 * batch.numpy()).astype(int).ravel() for batch in itertools.islice(image_batches(images, 4, 0), 6)
    ]
    first, second = np.concatenate(stream[:3]), np.concatenate(stream[3:])
    np.testing.assert_array_equal(np.sort(first), np.arange(12))
    np.testing.assert_array_equal(np.sort(second), np.arange(12))
    assert (first != second).any()
    from_the_fifth = np.round(255 * next(iter(image_batches(images, 4, 0, start=4))).numpy()).astype(int).ravel()
    np.testing.assert_array_equal(from_the_fifth, stream[4])


def test_a_batch_larger_than_the_images_is_an_error():
    with pytest.raises(ValueError, match="a batch of 13 images cannot be drawn from 12"):
        image_batches(np.zeros((12, 2, 2, 1), np.uint8), 13, 0)


def test_a_class_of_augmented_tasks_is_an_image_and_copies_of_it():
    images = np.arange(10, dtype=np.uint8)[:, None, None, None]
    plan = AugmentedSource(images, 4).plan(TaskShape(4, 1, 3), tf.constant([0, 0])).numpy()
    assert len(set(plan[:, 0])) == 4
    np.testing.assert_array_equal(plan, np.repeat(plan[:, :1], 4, axis=1))


def test_augmented_tasks_of_more_classes_than_images_are_an_error():
    with pytest.raises(ValueError, match="11-way tasks need as many images; there are 10: lower the classes"):
        augmented_tasks(np.zeros((10, 2, 2, 1), np.uint8), TaskAugmentation(), n_way=11)


def test_synthetic_tasks_of_more_classes_than_images_are_an_error(pixel_generator, pixel_images):
    with pytest.raises(ValueError, match="6-way tasks need as many images; there are 5: lower the classes"):
        synthetic_tasks(pixel_generator, Noise(0.5), n_way=6, images=pixel_images[:5])


def test_classes_that_want_more_other_images_than_there_are_are_an_error_before_the_first_task(
    pixel_generator, pixel_images
):
    few = pixel_images[:8]
    with pytest.raises(
        ValueError, match=r"no task of 5 classes of 16 images was found among 8 images .*n_query, which is 15"
    ):
        synthetic_tasks(pixel_generator, RandomOutOfClass(0.2), images=few, n_query=15)
    assert synthetic_tasks(pixel_generator, Noise(0.5), images=few, n_query=15)


def test_no_stream_is_autotuned_for_its_iterator_would_not_end_when_asked():
    images, labels = LABELS_AS_IMAGES.images, LABELS_AS_IMAGES.labels
    tasks = labelled_tasks(LABELS_AS_IMAGES, 3, 1, 2, 1, seed=0)
    for stream in (tasks, image_batches(images, 4, seed=0), labelled_batches(labels, 4, seed=0)):
        assert stream.options().autotune.enabled is False
        assert stream.take(1).options().autotune.enabled is False  # nor what is made of it
