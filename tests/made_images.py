"""Makes small image files."""

import numpy as np
from PIL import Image


def save_images(folder, n, size=(84, 84), seed=0):
    """Noisy images of one colour, as JPEG files 0.jpg and so on; size: (height, width)."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    colour = rng.integers(40, 216, 3)
    for number in range(n):
        noise = rng.integers(-30, 30, (*size, 3))
        Image.fromarray((colour + noise).clip(0, 255).astype(np.uint8)).save(folder / f"{number}.jpg", quality=95)
