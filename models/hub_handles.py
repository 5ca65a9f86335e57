"""The modules of TF-Hub that the paper uses. Imports no TensorFlow."""

HANDLES = {
    "progan": "https://tfhub.dev/google/progan-128/1",
    "bigbigan": "https://tfhub.dev/deepmind/bigbigan-resnet50/1",
}
