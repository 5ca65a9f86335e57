"""The strong recipe on Omniglot, and what each of its parts is worth: docs/results/strong.md.

It needs Omniglot, which TensorFlow Datasets downloads. On 2 CPU cores the VAE takes 5 minutes to train, and each row
10.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Recipe, Row, shots

_NONE = ("", "")  # the paper has no such row

RECIPE = Recipe(
    "strong/letters",
    "not in the paper",
    "Omniglot, 5-way, the strong recipe and what its parts are worth",
    "train_meta",
    shots(1, 5),
    {"dataset": "omniglot", "recipe": "strong"},
    (
        Row("Strong", _NONE, {}),
        Row("Decoded queries", _NONE, {"rendering": "paper"}),
        Row("Without generator", _NONE, {"tasks": "augmented"}),
        Row(
            "Without augmentation",
            _NONE,
            {"augmentation": "paper", "query_shift": 0, "quarter_turns": False, "generated_share": 1.0},
        ),
        # 13 tasks of 5 classes: as many images a step
        Row("Narrow", _NONE, {"train_n_way": 5, "meta_batch_size": 13}),
        Row("MAML", _NONE, {"learner": "maml", "iterations": 1000}),
    ),
    OVER_TASKS,
)
