# %% [markdown]
# # Your own generator, your own strategy, your own learner
#
# **Author:** the latentshot authors<br>
# **Date created:** 2026-11-28<br>
# **Description:** The three pieces of LASIUM replaced one by one, each by a few lines.
#
# ## Introduction
#
# LASIUM has three pieces: a *generator* makes images from latents, a *strategy* says which latents belong to
# one class, and a *learner* is trained on the tasks that come out. The library's are in the [first
# example](five_new_letters.py). This one puts others in their places: a generator without any training, a
# strategy that the paper does not have, and the nearest prototype by the absolute distance. Each is as small
# as it can be. They show where your own goes.
#
# ## Setup

# %%
import keras
import numpy as np
import tensorflow as tf

import latentshot as ls

STEPS = 400  # of each training

keras.utils.set_random_seed(0)
data = ls.load_dataset("glyphs")
test = {"n_way": 5, "k_shot": 1, "n_query": 15, "meta_batch_size": 4, "n_tasks": 200}


def accuracy(learner):
    """In words, over 200 tasks of letters that were never seen."""
    found = learner.evaluate(ls.labelled_tasks(data["test"], **test), return_dict=True, verbose=0)
    return f"{found['accuracy']:.1f} ± {found['ci95']:.1f} %"


def train(learner, tasks):
    learner.compile(keras.optimizers.Adam(1e-3))
    learner.fit(tasks, steps_per_epoch=STEPS, shuffle=False, verbose=2)
    return learner


# %% [markdown]
# ## A generator
#
# Anything with `latent_dim`, `image_shape` and `generate(latents)` is a generator; no class has to be
# inherited. With `encode(images)` beside them, classes start with real images. This one takes the principal
# components of the images for latents, scaled to a variance of one: a linear autoencoder, found without a
# step of training.


# %%
class PrincipalComponents:
    """Latents (n, 40) are the first components of images (n, 28, 28, 1) in [0, 1]."""

    latent_dim = 40

    def __init__(self, images):
        self.image_shape = images.shape[1:]
        pixels = images.reshape(len(images), -1) / np.float32(255)
        self.mean = pixels.mean(axis=0)
        _, spread, components = np.linalg.svd(pixels - self.mean, full_matrices=False)
        scale = spread[: self.latent_dim, None] / np.sqrt(np.float32(len(images)))
        self.basis = tf.constant(components[: self.latent_dim] * scale)  # (40, pixels)
        self.inverse = tf.constant(components[: self.latent_dim] / scale)

    def encode(self, images):
        pixels = tf.reshape(images, (-1, len(self.mean)))
        return tf.matmul(pixels - self.mean, self.inverse, transpose_b=True)  # (n, 40)

    def generate(self, latents):
        pixels = self.mean + tf.matmul(latents, self.basis)  # (n, pixels)
        return tf.reshape(tf.clip_by_value(pixels, 0.0, 1.0), (-1, *self.image_shape))


generator = PrincipalComponents(data.unlabelled[:5000])

# %% [markdown]
# ## A strategy
#
# A strategy, a subclass of `ls.Strategy`, takes the anchors of a task, one a class, and returns n more
# latents for each. Randomness comes from the seed alone, by TensorFlow's stateless functions: that is what
# makes a task a function of its number, and a resumed training exact. This one moves every dimension by its
# own share of the way towards another image, where the paper moves all by the same.


# %%
class EachDimensionApart(ls.Strategy):
    """z + a (v - z) with v of another image and a drawn for every dimension, uniform up to alpha."""

    def __init__(self, alpha):
        self.alpha = alpha

    def in_class(self, anchors, n, source, seed):
        """anchors (n_way, d) to (n_way, n, d). source.sample_out_of_class draws latents of other images."""
        out_seed, share_seed = tf.unstack(tf.random.experimental.stateless_split(seed, 2))
        others = source.sample_out_of_class(anchors, n, out_seed)  # (n_way, n, d)
        shares = tf.random.stateless_uniform(tf.shape(others), share_seed, maxval=self.alpha)
        return anchors[:, None] + shares * (others - anchors[:, None])


shift = ls.TaskAugmentation(query=ls.RandomAffine(shift=3))
made = {"images": data.unlabelled, "epsilon": 0.0, "augmentation": shift}
paper_s = ls.synthetic_tasks(generator, ls.RandomOutOfClass(alpha=0.2), **made)
our_own = ls.synthetic_tasks(generator, EachDimensionApart(alpha=0.4), **made)

for name, tasks in {"the paper's strategy": paper_s, "our own": our_own}.items():
    keras.utils.set_random_seed(0)
    print(f"{name}: {accuracy(train(ls.ProtoNets(ls.conv4(data.image_shape)), tasks))}")

# %% [markdown]
# This printed 40.7 ± 1.3 % for the paper's strategy and 42.7 ± 1.3 % for our own.
#
# ## A learner
#
# A learner is a Keras model. `ls.FewShotLearner` has the training step, the metrics and the export; a method
# is a subclass with a `call`, from a batch of tasks to the logits of their queries, and an `embed` of images.
# `adapted` says what to keep of a support set in an export; without it the export keeps the support itself.


# %%
class AbsoluteDistance(ls.FewShotLearner):
    """The nearest prototype by the mean absolute difference of features."""

    def call(self, tasks, training=False):
        support, queries = tasks["support_images"], tasks["query_images"]  # (tasks, s, h, w, c), (tasks, q, h, w, c)
        n_support = tf.shape(support)[1]
        images = tf.concat([support, queries], axis=1)
        flat = self.network(tf.reshape(images, (-1, *images.shape[2:])), training=training)
        features = tf.reshape(flat, (tf.shape(images)[0], -1, flat.shape[-1]))  # (tasks, s + q, f)
        labels = tf.one_hot(tasks["support_labels"], tf.reduce_max(tasks["support_labels"]) + 1)  # (tasks, s, n_way)
        sums = tf.matmul(labels, features[:, :n_support], transpose_a=True)
        prototypes = sums / tf.reduce_sum(labels, axis=1)[..., None]  # (tasks, n_way, f)
        distances = tf.abs(features[:, n_support:, None] - prototypes[:, None])  # (tasks, q, n_way, f)
        return -10.0 * tf.reduce_mean(distances, axis=-1)

    def embed(self, images):
        return self.network(images, training=False)


keras.utils.set_random_seed(0)
learner = train(AbsoluteDistance(ls.conv4(data.image_shape)), our_own)
print(f"our own learner: {accuracy(learner)}")

# %% [markdown]
# This printed 49.4 ± 1.5 %. It is exported and used as the library's own:

# %%
learner.export("our-own-learner")
letters = data["test"]
classifier = ls.load_learner("our-own-learner")
classifier.fit(letters.images[:2], ["this", "this too"])
print(classifier.predict(letters.images[:2]))

# %% [markdown]
# ## What to try next
#
# - A trained generator of yours: a Keras model from latents to images, saved as `.keras`, serves by
#   `bin/train_meta.py --generator PATH`, and a TensorFlow Hub module by `--generator hub:FOLDER`.
# - [CONTRIBUTING.md](../CONTRIBUTING.md) says what else a strategy or a learner needs to become an option of
#   the commands.
