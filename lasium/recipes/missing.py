"""Why some rows of the tables cannot be run yet."""

CLASSIFIERS = "the embeddings ACAI and BiGAN do not exist here yet"
CACTUS = "CACTUs' tasks from the clusters of an embedding do not exist here yet"
