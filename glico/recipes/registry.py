"""Every recipe of the paper."""

from . import figure_1, figure_5, figure_6, figure_7, table_1, table_2, table_3, table_4, table_5

# Where a run is a row of two tables, the paper's figure beside its result is that of the first.
_MODULES = (table_1, table_2, table_3, table_4, table_5, figure_1, figure_5, figure_6, figure_7)
RECIPES = tuple(module.RECIPE for module in _MODULES)
