"""Figure 3 of Khodadadeh et al. 2020: what the strategies do in latent space.

As there, vectors of three classes in a plane, which here goes through their anchors, with the generator's images on its
axes; and beside the paper, images on the way from an anchor. It needs Omniglot; the MSGAN takes about 10 minutes to
train on 2 CPU cores, the VAE 5. The last row needs CelebA and TF-Hub's ProGAN, and was not run here.
"""

from __future__ import annotations

from ...experiment.recipe import Recipe, Row

RECIPE = Recipe(
    "lasium/figure-3",
    "figure 3",
    "The strategies in a plane of latent space",
    "draw_tasks",
    (),
    {"train_n_way": 3, "n_way": 3, "alpha": 0.4, "sigma2": 0.5, "recipe": "paper"},
    (
        Row("MSGAN on Omniglot", (), {"dataset": "omniglot", "generator": "msgan"}),
        Row("VAE on Omniglot", (), {"dataset": "omniglot", "generator": "vae"}),
        Row("ProGAN on CelebA", (), {"dataset": "celeba", "generator": "progan"}),
    ),
    "no measurements",
    pictures=("pictures/strategies.png", "pictures/interpolations.png"),
)
