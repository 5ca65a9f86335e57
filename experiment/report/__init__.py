"""The report of runs: one HTML file with everything inside, which opens offline.

`page.py` has what a page consists of, `charts.py` draws, `repeat.py` writes the command; the methods fill it.
Imports `training`.
"""
