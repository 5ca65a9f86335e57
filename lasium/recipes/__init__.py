"""The tables and figures of Khodadadeh et al. 2020, one file each, as data: rows of options with the paper's figures.

`bin/reproduce.py lasium/NAME` runs them, and a run finds the paper's figure beside its result here.
Imports `experiment` alone.
"""
