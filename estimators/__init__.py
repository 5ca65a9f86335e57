"""What was trained, in use: a run's exports as estimators with scikit-learn's habits.

Knows the exports alone, not how they were trained.
Imports `datasets` and `training`.
"""
