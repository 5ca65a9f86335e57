"""Tables 2 to 4 of LASIUM on archives of a few images, one method of each kind a table."""

import json

import pytest
from archives import save_celeba, save_mini_imagenet
from real_commands import output_of

from latentshot.bin import reproduce, train_meta

TINY = [
    *("filters=2", "inner_steps=1", "eval_inner_steps=1", "meta_batch_size=1", "train_n_query=1", "n_query=1"),
    *("train_k_shot=1", "val_tasks=0", "calibration_tasks=0", "n_unlabelled=48", "any_generator=true"),
    *("generator_epochs=1", "generator_min_steps=0", "generator_batch_size=16", "n_clusters=4", "n_partitions=1"),
]


def few_photographs(folder):
    return save_mini_imagenet(folder, n_images=4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "save", "rows", "shots"),
    [
        ("table-2", save_celeba, "umtra-maml", 1),
        ("table-3", save_celeba, "supervised-protonets,cactus-protonets-deepcluster", 5),
        ("table-4", few_photographs, "supervised-protonets", 1),
        pytest.param("table-4", few_photographs, "k-nearest-neighbors-bigan", 1, marks=pytest.mark.soak),
    ],
)
@pytest.mark.usefixtures("unexported")
def test_rows_of_the_photographs_tables_run_on_a_tiny_archive(tmp_path, cache, rows_here, recipe, save, rows, shots):
    rows_here(train_meta.main)
    run = tmp_path / "run"
    arguments = [f"lasium/{recipe}", "--rows", rows, "--iterations", "2", "--n-tasks", "2", "--run-dir", run]
    arguments += ["--data-dir", save(tmp_path / "archive"), "--options", *TINY, f"k_shot={shots}"]
    output_of(reproduce.main, arguments)
    table = json.loads((run / "table.json").read_text())
    assert len(table["rows"]) == len(rows.split(","))
    for row in table["rows"]:
        assert row["status"] == ""
        assert 0 <= row[f"{shots}-shot ours"] <= 100
