"""What commands need: options from dataclasses, the run directory, checks, plots, tables, recipes.

Knows neither of the two methods.
Imports `training` alone.
"""
