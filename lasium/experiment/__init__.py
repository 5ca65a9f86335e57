"""A run of bin/train_meta.py, from the options to the table, and its later evaluation and use.

`config.py` holds the options, `build*.py` turn them into objects, `run.py` trains and evaluates these.
Imports all of `lasium`, and `training`, `experiment`, `models` and `datasets`.
"""
