"""Figure 2 of Khodadadeh et al. 2020: a 3-way task made by the VAE, from images by way of their latents.

It needs Omniglot; the VAE takes about 5 minutes to train on 2 CPU cores.
"""

from __future__ import annotations

from ...experiment.recipe import Recipe, Row

RECIPE = Recipe(
    "lasium/figure-2",
    "figure 2",
    "Omniglot: a 3-way task made by the VAE: images, their latents, vectors grown from them, images",
    "draw_tasks",
    (),
    {
        "dataset": "omniglot",
        "generator": "vae",
        "recipe": "paper",
        "train_n_way": 3,
        "n_way": 3,
        "train_k_shot": 2,
        "train_n_query": 3,
    },
    (Row("VAE on Omniglot", (), {"strategy": "ro", "alpha": 0.4}),),
    "no measurements",
    pictures=("pictures/task-making.png", "pictures/tasks.png"),
)
