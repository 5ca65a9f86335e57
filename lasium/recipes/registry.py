"""Every recipe of the paper, and our own. Tables 5 and 6 are settings: `lasium.experiment.presets` holds them."""

from . import (
    figure_1,
    figure_2,
    figure_3,
    figure_4,
    methods_glyphs,
    strong_letters,
    strong_photographs,
    table_1,
    table_2,
    table_3,
    table_4,
    table_7,
)

# Where a run is a row of two tables, the paper's figure beside its result is that of the first.
RECIPES = tuple(
    module.RECIPE
    for module in (
        *(table_7, table_1, table_2, table_3, table_4),
        *(figure_1, figure_2, figure_3, figure_4),
        *(strong_letters, strong_photographs, methods_glyphs),
    )
)
