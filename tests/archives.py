"""CelebA's and mini-ImageNet's archives with a few images each, in the layout of the real ones."""

import numpy as np
from made_images import save_images
from PIL import Image

from latentshot.datasets.mini_imagenet import SPLITS

ATTRIBUTES = [f"Attribute_{i:02}" for i in range(40)]
N = {"0": 60, "1": 40, "2": 60}  # images of each of CelebA's splits
PEOPLE = 4  # images of each person


def attributes_of(number):
    """Forty attributes, each there or not with even chances, as a function of the image's number."""
    return np.random.default_rng(number).random(40) < 0.5


def save_celeba(folder):
    """The official archive's layout: images, and four lists in the folders Anno and Eval. Returns the folder."""
    for name in ("Img/img_align_celeba", "Anno", "Eval"):
        (folder / name).mkdir(parents=True)
    people, splits, attributes = [], [], []
    numbers = iter(range(1, 1000))
    for split, n in N.items():
        for index in range(n):
            number = next(numbers)
            file = f"{number:06}.jpg"
            pixels = np.full((218, 178, 3), number, np.uint8)
            Image.fromarray(pixels).save(folder / "Img/img_align_celeba" / file)
            people.append(f"{file} {1000 * int(split) + index // PEOPLE}")
            splits.append(f"{file} {split}")
            signs = " ".join(" 1" if there else "-1" for there in attributes_of(number))
            attributes.append(f"{file}  {signs}")
    (folder / "Anno/identity_CelebA.txt").write_text("\n".join(people) + "\n")
    (folder / "Eval/list_eval_partition.txt").write_text("\n".join(splits) + "\n")
    head = [str(len(attributes)), " ".join(ATTRIBUTES) + " "]
    (folder / "Anno/list_attr_celeba.txt").write_text("\n".join(head + attributes) + "\n")
    return folder


def save_mini_imagenet(folder, n_images):
    """A folder of noisy images of one colour for each of the hundred classes. Returns the folder."""
    for number, name in enumerate(name for split in SPLITS.values() for name in split):
        save_images(folder / name, n_images, size=(20, 30), seed=number)
    return folder
