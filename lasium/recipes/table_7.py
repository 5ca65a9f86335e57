"""Table 7 of Khodadadeh et al. 2020: the strategies and their parameters on Omniglot, 5-way 1-shot, 1,000 iterations.

It needs Omniglot, which TensorFlow Datasets downloads. Of one CPU core the MSGAN takes half an hour,
the VAE a quarter; after that a row takes 3 (ProtoNets, VAE) to 17 minutes (MAML, GAN).
"""

from __future__ import annotations

from ...experiment.recipe import OVER_TASKS, Recipe, Row, shots

# Columns: GAN-MAML, VAE-MAML, GAN-Proto, VAE-Proto. Rows: a strategy and its parameter, sigma2 for N, else alpha.
FIGURES = {
    ("n", 0.5): ("77.16 ± 0.65", "70.41 ± 0.71", "62.16 ± 0.79", "61.57 ± 0.80"),
    ("n", 1.0): ("71.10 ± 0.70", "68.26 ± 0.71", "60.95 ± 0.78", "62.17 ± 0.80"),
    ("n", 2.0): ("63.18 ± 0.71", "65.18 ± 0.71", "59.81 ± 0.78", "64.88 ± 0.78"),
    ("ro", 0.2): ("77.62 ± 0.64", "75.02 ± 0.66", "62.24 ± 0.79", "62.17 ± 0.80"),
    ("ro", 0.4): ("75.79 ± 0.65", "71.31 ± 0.70", "64.19 ± 0.76", "62.20 ± 0.80"),
    ("oc", 0.2): ("74.70 ± 0.68", "74.98 ± 0.67", "61.79 ± 0.79", "62.16 ± 0.78"),
    ("oc", 0.4): ("73.40 ± 0.68", "68.79 ± 0.73", "64.59 ± 0.76", "63.08 ± 0.79"),
}
COLUMNS = (("GAN", "MAML"), ("VAE", "MAML"), ("GAN", "ProtoNets"), ("VAE", "ProtoNets"))
GENERATORS = {"GAN": "msgan", "VAE": "vae"}


def _row(strategy: str, value: float, generator: str, learner: str, figure: str) -> Row:
    parameter = "sigma2" if strategy == "n" else "alpha"
    options = {"generator": GENERATORS[generator], "learner": learner.lower(), "strategy": strategy, parameter: value}
    return Row(f"LASIUM-{strategy.upper()}-{generator}-{learner}, {parameter} {value:g}", (figure,), options)


RECIPE = Recipe(
    "lasium/table-7",
    "table 7",
    "Omniglot, 5-way 1-shot, 1,000 iterations: the strategies",
    "train_meta",
    shots(1),
    {"dataset": "omniglot", "recipe": "paper", "iterations": 1000},
    tuple(
        _row(strategy, value, generator, learner, figure)
        for (strategy, value), figures in FIGURES.items()
        for (generator, learner), figure in zip(COLUMNS, figures, strict=True)
    ),
    OVER_TASKS,
    ranked_within=("generator", "learner"),
)
