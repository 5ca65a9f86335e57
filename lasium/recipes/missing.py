"""Why some rows of the tables cannot be run yet."""

CACTUS = "CACTUs' tasks from the clusters of an embedding do not exist here yet"
