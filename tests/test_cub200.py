from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from latentshot.datasets import load_dataset
from latentshot.datasets.cub200 import cub200


@pytest.fixture
def archive(tmp_path):
    """Two classes, six images, in the layout of the published archive."""
    folder = tmp_path / "CUB_200_2011"
    names = ["001.Black_footed_Albatross", "002.Laysan_Albatross"]
    (folder / "images").mkdir(parents=True)
    lines: dict[str, list[str]] = {"images": [], "image_class_labels": [], "train_test_split": []}
    for number in range(6):
        label = number // 3
        file = f"{names[label]}/{number}.jpg"
        (folder / "images" / names[label]).mkdir(exist_ok=True)
        Image.new("RGB", (300, 400), (40 * number, 0, 0)).save(folder / "images" / file)
        lines["images"].append(f"{number + 1} {file}")
        lines["image_class_labels"].append(f"{number + 1} {label + 1}")
        lines["train_test_split"].append(f"{number + 1} {int(number % 3 != 2)}")
    lines["classes"] = [f"{i + 1} {name}" for i, name in enumerate(names)]
    for name, rows in lines.items():
        (folder / f"{name}.txt").write_text("\n".join(rows) + "\n")
    return folder


def test_an_unpacked_archive_is_read_with_its_own_split(archive):
    data = load_dataset("cub200", archive.parent)
    assert data.image_shape == (256, 256, 3)
    assert data.crop == 224
    assert data["train"].labels.tolist() == [0, 0, 1, 1]
    assert data["test"].labels.tolist() == [0, 1]
    np.testing.assert_allclose(data["train"].images[:, 0, 0, 0], [0, 40, 120, 160], atol=2)
    assert data.files[1] == "001.Black_footed_Albatross/1.jpg"
    assert data["train"].class_names == ("001.Black_footed_Albatross", "002.Laysan_Albatross")


def test_half_an_archive_is_told(archive):
    (archive / "train_test_split.txt").unlink()
    with pytest.raises(ValueError, match=r"not the whole archive of CUB_200_2011: it has no train_test_split\.txt"):
        cub200(archive.parent)


def test_a_failed_download_names_the_archive_and_where_it_goes(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise OSError("quota exceeded")

    monkeypatch.setattr("urllib.request.urlopen", refused)
    with pytest.raises(RuntimeError, match=r"quota exceeded.*CUB_200_2011\.tgz.*by hand.*--data-dir"):
        cub200(tmp_path)


def test_it_comes_through_tfds_in_the_order_of_its_files(monkeypatch):
    """A builder of two classes and four images, in an order of its own."""

    def as_dataset(split, decoders):
        examples = [(f"{split}/{i}.jpg", i % 2, np.full((300, 280 + i, 3), 10 * i, np.uint8)) for i in (2, 0, 3, 1)]
        return [{"image/filename": file.encode(), "label": label, "image": image} for file, label, image in examples]

    features = {"label": SimpleNamespace(names=["a", "b"])}
    builder = SimpleNamespace(info=SimpleNamespace(features=features), as_dataset=as_dataset)
    monkeypatch.setattr("latentshot.datasets.cub200.prepared_builder", lambda *_: builder)
    monkeypatch.setattr("tensorflow_datasets.as_numpy", lambda examples: examples)
    data = cub200()
    assert data.image_shape == (256, 256, 3)
    assert data.files == ("train/0.jpg", "train/1.jpg", "train/2.jpg", "train/3.jpg")
    assert data["train"].labels.tolist() == data["test"].labels.tolist() == [0, 1, 0, 1]
    assert data["train"].images[:, 0, 0, 0].tolist() == [0, 10, 20, 30]
