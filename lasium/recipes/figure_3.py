"""Figure 3 of Khodadadeh et al. 2020: what the strategies do in latent space.

The paper draws points; a run draws the images of the MSGAN on the way from anchors along noise, towards an out-of-class
vector and towards another anchor, as pictures/interpolations.png. It needs Omniglot; the MSGAN takes about 10 minutes
to train on 2 CPU cores.
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Recipe, Row, shots

RECIPE = Recipe(
    "lasium/figure-3",
    "figure 3",
    "Omniglot: the strategies in latent space, as images",
    "train_meta",
    shots(1),
    {"dataset": "omniglot", "generator": "msgan", "learner": "protonets"},
    (Row("LASIUM in the MSGAN's latent space", ("",)),),
    OVER_TASKS,
    pictures=("pictures/interpolations.png", "pictures/task.png"),
)
