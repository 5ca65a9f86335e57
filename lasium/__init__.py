"""LASIUM (Khodadadeh et al. 2020, https://arxiv.org/abs/2006.10236): few-shot learning from unlabelled images.

`tasks` makes the tasks, `learners` learn from them, `experiment` runs it all, `recipes` holds the paper's tables.
Imports `training`, `experiment`, `models` and `datasets`, and never `glico`.
"""
