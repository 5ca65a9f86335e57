# %% [markdown]
# # A classifier from ten images a class
#
# **Author:** the latentshot authors<br>
# **Date created:** 2026-11-28<br>
# **Description:** A generator learned from a hundred labelled images makes more, and a classifier learns from both.
#
# ## Introduction
#
# Ten labelled images a class are few for a classifier: it learns them by heart. Cropping and flipping help
# because they make images that are new and still of their class. GLICO ([Azuri and Weinshall
# 2020](https://arxiv.org/abs/2003.14297)) makes new images in another way, from nothing but the small sample:
#
# 1. every image gets a *code*, a point on the unit sphere, and codes and generator are optimized together
#    until the generator makes each image from its code;
# 2. codes between two images of a class, on the shortest way along the sphere, make new images of that class;
# 3. a classifier sees a real image or, with probability one half, a new one in its place.
#
# ## Setup
#
# `digits` are real handwritten digits, which come with scikit-learn. A folder of your own
# photographs, a folder for each class, takes its place by the line that is commented out.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

import latentshot as ls

STEPS = 600  # of the generator; each classifier gets as many

data = ls.load_dataset("digits")
# data = ls.load_dataset("folder:my-photographs", split_by="image", image_size=32)
few = ls.subset(data["train"], ls.small_sample(data["train"], samples_per_class=10, seed=0))
shape, n_classes = data.image_shape, len(few.class_names)
print(f"{len(few.labels)} labelled images of {n_classes} classes, {len(data['test'].labels)} to be tested on")


def show(images, title):
    """A grid of images (rows, columns, height, width, channels)."""
    rows, columns = images.shape[:2]
    figure, places = plt.subplots(rows, columns, figsize=(0.7 * max(columns, 4), 0.7 * rows + 0.4), squeeze=False)
    for place, image in zip(places.flat, np.reshape(images, (rows * columns, *shape)), strict=True):
        place.imshow(np.squeeze(image), cmap="gray", vmin=0, vmax=1)
        place.axis("off")
    figure.suptitle(title)
    plt.show()


# %% [markdown]
# ## Codes and a generator
#
# What "makes each image" means is the reconstruction loss. For small grey images it is a Laplacian pyramid,
# which needs no weights. For photographs `ls.PerceptualLoss(features, ls.relative_weights(features, few.images))`
# compares features of VGG-16, `features = ls.vgg_features(shape)`. A weak classifier of the generated images keeps
# classes apart; gamma is its weight, and 0.5 with VGG-16.

# %%
keras.utils.set_random_seed(0)
loss = ls.LaplacianLoss()
glico = ls.GLICO(
    ls.Codes(ls.random_codes(len(few.labels), 128)),
    ls.dcgan_generator(128 + 16, shape),
    ls.weak_cnn(shape, n_classes),
    loss,
    ls.TargetCache(loss, few.images),
    gamma=0.01,
    noise_dim=16,
)
glico.compile(keras.optimizers.Adam(2e-3))
glico.fit(
    ls.labelled_batches(few.labels, min(50, len(few.labels)), seed=0), steps_per_epoch=STEPS, shuffle=False, verbose=2
)

# %% [markdown]
# ## Between two images of a class
#
# `slerp` goes from one code to another along the sphere. The ends are images of the sample, and what lies
# between them is new.

# %%
codes = tf.convert_to_tensor(glico.codes.table)
pairs = [np.flatnonzero(few.labels == label)[:2] for label in (0, n_classes // 3, n_classes - 2)]
rows = []
for first, second in pairs:
    share = tf.linspace(0.0, 1.0, 8)
    start, end = (tf.repeat(codes[place][None], 8, axis=0) for place in (first, second))  # (8, 128)
    rows.append(glico.decode(ls.slerp(start, end, share), tf.zeros((8, 16))))
show(np.stack(rows), "Between two images of a class")

# %% [markdown]
# ![Between two images of three digits](../docs/example-between.png)

# %% [markdown]
# ## Two classifiers
#
# Both are the same network, with the same first weights, the same batches and the same crops. They differ in
# whether half of a batch is replaced by new images.

# %%
sampler = ls.LatentSampler(glico, few.labels)
found = {}
for name, new_images in {"baseline": None, "GLICO": sampler}.items():
    keras.utils.set_random_seed(1)
    standard = ls.standard_augmentation(shape, flip=data.mirrored)
    model = ls.MixedClassifier(ls.weak_cnn(shape, n_classes), few.images, standard, new_images)
    model.compile(ls.sgd(steps=STEPS))
    model.fit(
        ls.labelled_batches(few.labels, min(64, len(few.labels)), seed=0),
        steps_per_epoch=STEPS,
        shuffle=False,
        verbose=2,
    )
    test = data["test"]
    found[name] = model.evaluate(test.images / np.float32(255), test.labels, return_dict=True, verbose=0)["top1"]
print(", ".join(f"{name}: {accuracy:.1f} %" for name, accuracy in found.items()))

# %% [markdown]
# This printed 94.7 % for the baseline and 94.4 % for GLICO: no gain.
#
# One sample says little: another ten images a class, and other first weights, move both figures by a point or
# more. What counts is the gain on the same sample, over several samples, and that is what the command
# measures:
#
# ```
# bin/train_glico.py --dataset digits --samples-per-class 10 --compare baseline,cutout,glico,glico+cutout
# ```
#
# On digits five samples show no gain over this baseline; [on ten photographs a class of
# CIFAR-10](../docs/results/cifar10-jpeg.md) five samples show 0.4 ± 0.4 over a tuned plain network.
#
# ## What to try next
#
# - A folder of your own, with `ls.PerceptualLoss`; the loss, the networks and the augmentation are yours to
#   replace.
# - `--compare mixmatch,glico+mixmatch --unlabelled 1000`, where there are images without labels too.
