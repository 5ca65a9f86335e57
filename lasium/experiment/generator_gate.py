"""Is a generator fit to make tasks of? Its images are held against the unlabelled ones before it is used."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ...datasets.image_store import Images
from ...experiment.plots import save_image_sheet
from ...models.generator import EncodingGenerator, Generator, has_prior
from ...training.files import write_json
from .pictures import save_between_images

N_JUDGED = 256
AT_ONCE = 64
COLUMNS = 12  # of the sheet
LEAST_VARIETY = 0.05  # a generator below it makes much the same image of every latent
BLURRED = 0.2  # of the detail; a generator below it is told of


@dataclass(frozen=True)
class GeneratorQuality:
    """psnr: of the reconstructions, in dB, the mean over images.
    mean_image_psnr: of the mean image, held against each image.
    detail: the share of the squared differences of neighbouring pixels that the reconstructions explain; 1 for all, 0
        for none, as of the mean image or of noise. psnr and detail are None for a generator that does not encode.
    variety: the variance of the pixels over draws of the prior, over that of the images.
    draws: what these are called; of a generator without a prior they are halfway between two images.
    """

    psnr: float | None
    mean_image_psnr: float
    detail: float | None
    variety: float
    draws: str = "draws"

    @property
    def fault(self) -> str:
        """Why tasks of the generator would teach little; empty for none."""
        if self.psnr is not None and not self.psnr > self.mean_image_psnr:
            return (
                f"does not beat the mean image, which every reconstruction could be: {self.psnr:.1f} dB against "
                f"{self.mean_image_psnr:.1f}"
            )
        if self.variety < LEAST_VARIETY:
            return f"has collapsed: its images vary {self.variety:.1%} as much as yours"
        return ""

    @property
    def note(self) -> str:
        """What to know of a generator that is let through; empty for nothing."""
        if self.detail is None or self.detail >= BLURRED:
            return ""
        return (
            f"the generator's images are blurred: they have {self.detail:.0%} of the detail of yours, so that tasks of "
            "both kinds may teach blur and colour"
        )

    def __str__(self) -> str:
        draws = f"{self.draws} vary {self.variety:.0%} as much as your images"
        if self.psnr is None:
            return draws
        return (
            f"images reconstructed at {self.psnr:.1f} dB (the mean image: {self.mean_image_psnr:.1f}), with "
            f"{self.detail:.0%} of their detail; {draws}"
        )


@dataclass(frozen=True)
class GeneratorGate:
    """images: the unlabelled ones, uint8. name: of the generator, for messages. way_out: what to do about a bad one.

    use_any: go on with a bad one all the same. inverted: 1 is ink, which pictures show dark.
    """

    images: Images
    name: str
    way_out: str
    use_any: bool = False
    inverted: bool = False

    def check(self, generator: Generator, folder: Path) -> None:
        """Does what `show` does. Raises ValueError, with the way out, for a generator that would teach little."""
        quality, picture = self.show(generator, folder)
        if quality.fault and not self.use_any:
            raise ValueError(f"the generator {quality.fault} ({picture}). {self.way_out}")
        if quality.fault:
            print(f"used all the same: the generator {quality.fault}", file=sys.stderr)
        elif quality.note:
            print(f"note: {quality.note}", file=sys.stderr)

    def tell(self, generator: Generator, folder: Path) -> None:
        """Does what `show` does, and says why images that its latents stand for would teach little, if they would."""
        quality, _ = self.show(generator, folder)
        if quality.fault:
            print(f"note: the {self.name} {quality.fault}. {self.way_out}", file=sys.stderr)

    def show(self, generator: Generator, folder: Path) -> tuple[GeneratorQuality, Path]:
        """Prints the quality and leaves generator-quality.json and pictures/generator.png in the run's folder.

        Of one that encodes also pictures/between-images.png.
        """
        images = sample_of(self.images)
        quality, sheet = judge(generator, images)
        labels = ["images", "reconstructed", quality.draws] if quality.psnr is not None else ["images", quality.draws]
        picture = folder / "pictures" / "generator.png"
        save_image_sheet(picture, sheet, [f"{self.name}: {quality}"], labels, inverted=self.inverted)
        if isinstance(generator, EncodingGenerator):
            save_between_images(folder / "pictures" / "between-images.png", generator, images, self.inverted)
        write_json(folder / "generator-quality.json", dataclasses.asdict(quality))
        print(f"{self.name}: {quality} ({picture})")
        return quality, picture


def sample_of(images: Images, most: int = N_JUDGED) -> np.ndarray:
    """At most so many of the images, taken evenly: float32 in [0, 1]."""
    n = min(len(images), most)
    return images[np.arange(n) * len(images) // n].astype(np.float32) / 255.0


def judge(generator: Generator, images: np.ndarray) -> tuple[GeneratorQuality, np.ndarray]:
    """The quality, and rows of a sheet: images, reconstructions where it encodes, draws; (rows, columns, h, w, c).

    images: float32 in [0, 1], (n, height, width, channels).
    """
    latents = tf.random.stateless_normal((len(images), generator.latent_dim), (0, 0))
    rows, psnr, detail = [images], None, None
    if isinstance(generator, EncodingGenerator):
        encoded = _in_parts(generator.encode, images)
        reconstructed = _in_parts(generator.generate, encoded)
        latents = latents if has_prior(generator) else 0.5 * (encoded + encoded[::-1])
        rows = [images, reconstructed]
        psnr, detail = mean_psnr(images, reconstructed), explained_detail(images, reconstructed)
    drawn = _in_parts(generator.generate, latents)
    quality = GeneratorQuality(
        psnr=psnr,
        mean_image_psnr=mean_psnr(images, np.broadcast_to(images.mean(axis=0), images.shape)),
        detail=detail,
        variety=_ratio(float(drawn.var(axis=0).mean()), float(images.var(axis=0).mean())),
        draws="draws" if has_prior(generator) else "mixtures",
    )
    columns = np.arange(min(COLUMNS, len(images))) * len(images) // min(COLUMNS, len(images))
    return quality, np.stack([row[columns] for row in [*rows, drawn]])


def mean_psnr(images: np.ndarray, others: np.ndarray) -> float:
    """The mean over images of each one's peak signal-to-noise ratio, in dB."""
    return float(tf.reduce_mean(tf.image.psnr(images, others, max_val=1.0)))


def _in_parts(function: Callable[[Any], tf.Tensor], values: Any) -> np.ndarray:
    """function(values), AT_ONCE of them at a time: float32."""
    parts = [function(values[first : first + AT_ONCE]) for first in range(0, len(values), AT_ONCE)]
    return tf.concat(parts, axis=0).numpy().astype(np.float32)


def explained_detail(images: np.ndarray, others: np.ndarray) -> float:
    """1 - |d - d'|^2 / |d|^2, with d and d' the differences of neighbouring pixels; 0 where that is negative."""
    missing, whole = (
        sum(float(np.square(np.diff(part, axis=axis)).sum()) for axis in (1, 2)) for part in (images - others, images)
    )
    return max(0.0, 1.0 - _ratio(missing, whole))


def _ratio(ours: float, theirs: float) -> float:
    return ours / theirs if theirs else 1.0
