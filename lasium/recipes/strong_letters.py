"""The strong recipe on Omniglot, and what each of its parts is worth: docs/results/strong.md.

It needs Omniglot, which TensorFlow Datasets downloads. On 2 CPU cores the VAE takes 5 minutes to train, and each row
10.
"""

from __future__ import annotations

from ...experiment.recipe import NO_FIGURES, OVER_TASKS, Recipe, Row, shots

RECIPE = Recipe(
    "strong/letters",
    "not in the paper",
    "Omniglot, 5-way, the strong recipe and what its parts are worth",
    "train_meta",
    shots(1, 5),
    {"dataset": "omniglot", "recipe": "strong"},
    (
        Row("Strong", NO_FIGURES, {}),
        Row("Decoded queries", NO_FIGURES, {"rendering": "paper"}),
        Row("Without generator", NO_FIGURES, {"tasks": "augmented"}),
        Row(
            "Without augmentation",
            NO_FIGURES,
            {"augmentation": "paper", "query_shift": 0, "quarter_turns": False, "generated_share": 1.0},
        ),
        # 13 tasks of 5 classes: as many images a step
        Row("Narrow", NO_FIGURES, {"train_n_way": 5, "meta_batch_size": 13}),
        Row("MAML", NO_FIGURES, {"learner": "maml", "iterations": 1000}),
    ),
    OVER_TASKS,
)
