"""Makes small TF-Hub modules in the TF1 format, with the signatures, shapes and ranges of the published ones."""

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1


def _dense(name, inputs, units, scale):
    size = int(np.prod(inputs.shape[1:]))
    initial = np.random.default_rng(units).normal(0, scale, (size, units)).astype(np.float32)
    kernel = v1.get_variable(name, initializer=initial)
    return v1.matmul(v1.reshape(inputs, (-1, size)), kernel)


def _images(latents, side):
    """Smooth images of the side: a coarse one of 8x8 from the latents, enlarged."""
    coarse = v1.reshape(_dense("decoder", latents, 8 * 8 * 3, 1.0 / np.sqrt(int(latents.shape[1]))), (-1, 8, 8, 3))
    return v1.image.resize_bilinear(v1.clip_by_value(2.0 * coarse, -1.0, 1.0), (side, side))  # [-1, 1], both reached


def _write(folder, signatures):
    """Two graphs of the same variables, tagged as published: [] for inference and ["train"]."""
    builder = v1.saved_model.Builder(str(folder))
    for tags in ([], ["train"]):
        with v1.Graph().as_default(), v1.Session() as session:
            defs = {
                name: v1.saved_model.build_signature_def(
                    {key: v1.saved_model.build_tensor_info(value) for key, value in inputs.items()},
                    {key: v1.saved_model.build_tensor_info(value) for key, value in outputs.items()},
                )
                for name, (inputs, outputs) in signatures().items()
            }
            session.run(v1.global_variables_initializer())
            add = builder.add_meta_graph if tags else None
            if add:
                add(tags, signature_def_map=defs)
            else:
                builder.add_meta_graph_and_variables(session, tags, signature_def_map=defs)
    builder.save()
    (folder / "tfhub_module.pb").write_bytes(b"\x08\x03")  # the mark of the format


def make_progan(folder):
    """z of 512 to images of 128x128 in [0, 1]."""

    def signatures():
        latents = v1.placeholder(tf.float32, (None, 512), "latent_vector")
        return {"default": ({"latent_vector": latents}, {"default": 0.5 + 0.5 * _images(latents, 128)})}

    _write(folder, signatures)


def make_bigbigan(folder):
    """z of 120 to images of 128x128 in [-1, 1], and images of 256x256 to z."""

    def signatures():
        z = v1.placeholder(tf.float32, (None, 120), "z")
        x = v1.placeholder(tf.float32, (None, 256, 256, 3), "x")
        images = _images(z, 128)
        small = v1.image.resize_bilinear(x, (8, 8))
        z_mean = _dense("encoder", small, 120, 0.2)
        upsampled = v1.image.resize_bilinear(images, (256, 256))
        return {
            "generate": ({"z": z}, {"default": images, "upsampled": upsampled}),
            "encode": (
                {"x": x},
                {"default": z_mean, "z_mean": z_mean, "z_sample": z_mean + 0.1 * v1.random_normal(v1.shape(z_mean))},
            ),
        }

    _write(folder, signatures)
