"""GLICO (Azuri and Weinshall 2020, https://arxiv.org/abs/2003.14297): classification from a few labelled images.

`latent` makes images, `classify` learns from them, `experiment` runs it all, `recipes` holds the paper's tables.
Imports `training`, `experiment`, `models` and `datasets`, and never `lasium`.
"""
