"""Why some rows of the tables cannot be run yet."""

CLASSIFIERS = "classifiers on an embedding (ACAI, BiGAN, DeepCluster) do not exist here yet"
CACTUS = "CACTUs' tasks from the clusters of an embedding do not exist here yet"
TRANSFER = "transfer learning from VGG-19 does not exist here yet"
