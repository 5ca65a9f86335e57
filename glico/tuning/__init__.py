"""The search of bin/tune.py for the classifier's options, by Optuna, on validation images.

`config.py` holds the command's options, `space.py` what is tried, `candidates.py` trains and scores it, `search.py` is
the loop over the trials, `outcome.py` what is left in the end.
Imports `glico/experiment`, and `training`, `experiment` and `datasets`.
"""
