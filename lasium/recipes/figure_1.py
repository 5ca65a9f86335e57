"""Figure 1 of Khodadadeh et al. 2020: a 3-way task made by a GAN, from draws of its prior to train and validation set.

The first row needs Omniglot, and the MSGAN about 10 minutes to train on 2 CPU cores. The second needs CelebA and
TF-Hub's ProGAN, and was not run here.
"""

from __future__ import annotations

from ...experiment.recipe import Recipe, Row

RECIPE = Recipe(
    "lasium/figure-1",
    "figure 1",
    "A 3-way task made by a GAN: draws of the prior, vectors grown from them, images",
    "draw_tasks",
    (),
    {"train_n_way": 3, "n_way": 3, "train_k_shot": 2, "train_n_query": 3, "strategy": "ro", "recipe": "paper"},
    (
        Row("MSGAN on Omniglot", (), {"dataset": "omniglot", "generator": "msgan", "alpha": 0.2}),
        Row("ProGAN on CelebA", (), {"dataset": "celeba", "generator": "progan", "alpha": 0.2}),
    ),
    "no measurements",
    pictures=("pictures/task-making.png", "pictures/tasks.png"),
)
