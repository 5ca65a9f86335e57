"""Figure 4 of Khodadadeh et al. 2020: tasks for mini-ImageNet by LASIUM-N with sigma2 = 1.

It needs ImageNet's or mini-ImageNet's class folders (--data-dir) and TF-Hub's BigBiGAN, and was not run here with them.
Other images and generators take their place: --options dataset=folder:PATH generator=FILE.
"""

from __future__ import annotations

from ...experiment.recipe import Recipe, Row

RECIPE = Recipe(
    "lasium/figure-4",
    "figure 4",
    "mini-ImageNet: train and validation tasks by LASIUM-N",
    "draw_tasks",
    (),
    {"dataset": "mini-imagenet", "generator": "bigbigan", "strategy": "n", "sigma2": 1.0, "recipe": "paper"},
    (Row("BigBiGAN on mini-ImageNet", ()),),
    "no measurements",
    pictures=("pictures/tasks.png", "pictures/task-making.png"),
)
