"""The page of `bin/app.py`: a learner in a browser on this machine. `launch.py` opens it; one file a page.

Nothing leaves the machine, and what is uploaded is removed when the page ends.
Imports `estimators`, `datasets`, `experiment` and `training`.
"""
