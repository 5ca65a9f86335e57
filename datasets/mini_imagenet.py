"""mini-ImageNet: 100 classes of ImageNet with 600 images each, 84x84x3, split 64 / 16 / 20 by class.

Oriol Vinyals et al.: "Matching networks for one shot learning", 2016, https://arxiv.org/abs/1606.04080; the split is
that of Sachin Ravi and Hugo Larochelle: "Optimization as a model for few-shot learning", ICLR 2017.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from .class_folders import images_under
from .dataset import Dataset, Split
from .image_files import report_skipped_files
from .image_store import obtain_images

SIDE = 84
IMAGES_PER_CLASS = 600
SPLITS = {
    "train": (
        "n01532829",
        "n01558993",
        "n01704323",
        "n01749939",
        "n01770081",
        "n01843383",
        "n01910747",
        "n02074367",
        "n02089867",
        "n02091831",
        "n02101006",
        "n02105505",
        "n02108089",
        "n02108551",
        "n02108915",
        "n02111277",
        "n02113712",
        "n02120079",
        "n02165456",
        "n02457408",
        "n02606052",
        "n02687172",
        "n02747177",
        "n02795169",
        "n02823428",
        "n02966193",
        "n03017168",
        "n03047690",
        "n03062245",
        "n03207743",
        "n03220513",
        "n03337140",
        "n03347037",
        "n03400231",
        "n03476684",
        "n03527444",
        "n03676483",
        "n03838899",
        "n03854065",
        "n03888605",
        "n03908618",
        "n03924679",
        "n03998194",
        "n04067472",
        "n04243546",
        "n04251144",
        "n04258138",
        "n04275548",
        "n04296562",
        "n04389033",
        "n04435653",
        "n04443257",
        "n04509417",
        "n04515003",
        "n04596742",
        "n04604644",
        "n04612504",
        "n06794110",
        "n07584110",
        "n07697537",
        "n07747607",
        "n09246464",
        "n13054560",
        "n13133613",
    ),
    "validation": (
        "n01855672",
        "n02091244",
        "n02114548",
        "n02138441",
        "n02174001",
        "n02950826",
        "n02971356",
        "n02981792",
        "n03075370",
        "n03417042",
        "n03535780",
        "n03584254",
        "n03770439",
        "n03773504",
        "n03980874",
        "n09256479",
    ),
    "test": (
        "n01930112",
        "n01981276",
        "n02099601",
        "n02110063",
        "n02110341",
        "n02116738",
        "n02129165",
        "n02219486",
        "n02443484",
        "n02871525",
        "n03127925",
        "n03146219",
        "n03272010",
        "n03544143",
        "n03775546",
        "n04146614",
        "n04149813",
        "n04418357",
        "n04522168",
        "n07613480",
    ),
}


def mini_imagenet(data_dir: str | Path | None = None) -> Dataset:
    """The first 600 images, by name, of each class: of ImageNet's tree, or of mini-ImageNet as folders.

    data_dir: the folder with a folder for each class, n01532829 and so on, itself or its `train`, `val` and `test`.
    (The images published as mini-ImageNet are another choice of 600 than the first of ImageNet's tree by name.)
    Raises ValueError, naming it, for a class that is not there.
    """
    folder = Path(data_dir or ".")
    splits = {}
    for split, classes in SPLITS.items():
        files = {name: images_under(_class_folder(folder, name))[:IMAGES_PER_CLASS] for name in classes}
        short = [name for name in classes if len(files[name]) < IMAGES_PER_CLASS]
        if short:
            fewest = min(len(files[name]) for name in short)
            print(
                f"{len(short)} {split} classes have fewer than 600 images, {fewest} at least: {', '.join(short)}",
                file=sys.stderr,
            )
        labels = np.repeat(np.arange(len(classes), dtype=np.int32), [len(files[name]) for name in classes])
        paths = [file for name in classes for file in files[name]]
        images, found = obtain_images(paths, (SIDE, SIDE), 3, f"mini-imagenet-{split}")
        report_skipped_files(found, split)
        splits[split] = Split(images, labels[found.read], classes)
    return Dataset("mini-imagenet", splits)


def _class_folder(folder: Path, name: str) -> Path:
    places = [folder / name, *(folder / part / name for part in ("train", "val", "validation", "test"))]
    for place in places:
        if place.is_dir():
            return place
    raise ValueError(
        f"{folder.resolve()} has no folder of class {name}: name with --data-dir the folder that holds the class "
        "folders of ImageNet (its training images) or of mini-ImageNet, n01532829 and 99 others"
    )
