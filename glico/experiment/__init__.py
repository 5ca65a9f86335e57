"""A run of bin/train_glico.py, from the options to the table.

`config.py` holds the options, `build.py` turns them into objects, `run.py` trains and compares these.
Imports all of `glico`, and `training`, `experiment`, `models` and `datasets`.
"""
