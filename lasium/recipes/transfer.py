"""The tables' transfer learning from VGG-19, which the paper calls standard and describes no further."""

from ...experiment.recipe import Options

# The authors' code scales images to 224 pixels, flattens the last maps of the frozen
# network, and learns a dense layer on each task's support by 50 steps of gradient
# descent. Ours is that layer too, learned to the end, with an l2 penalty.
TRANSFER: Options = {
    "learner": "linear",
    "embedding": "vgg19",
    "weights": "imagenet",
    "network_side": 224,
    "pooling": "flatten",
}
