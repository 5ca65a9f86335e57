"""Checks that the command line, which loads no TensorFlow, shares with the Python interface."""

# What a synthetic class shows that starts with an image. paper: the image, then decoded ones (figure 2). decoded: its
# reconstruction in place of the image, so that all are as blurred. difference: the image, then the image plus what
# moving its latent changes in the decoded one, so that all are as sharp.
RENDERINGS = ("paper", "decoded", "difference")


def check_alpha(alpha: float) -> None:
    """Raises ValueError for an interpolation ratio outside (0, 1]."""
    if not 0 < alpha <= 1:
        raise ValueError(
            f"alpha is {alpha:g}; it must be at most 1, and above 0, where all samples of a class would be equal"
        )


def check_enough_images(n_images: int, n_way: int) -> None:
    """Raises ValueError where a task's classes cannot each start at an image of its own."""
    if n_images < n_way:
        raise ValueError(
            f"{n_way}-way tasks need as many images; there are {n_images}: lower the classes of a training task to "
            f"{n_images} or less (--train-n-way of protonets, else --n-way)"
        )


def check_generated_share(share: float) -> None:
    """Raises ValueError for a share of generated images outside (0, 1]."""
    if not 0 < share <= 1:
        raise ValueError(f"generated_share is {share:g}; it must be above 0 and at most 1 (tasks augmented has none)")


def check_rendering(rendering: str) -> None:
    """Raises ValueError for an unknown rendering."""
    if rendering not in RENDERINGS:
        raise ValueError(f"rendering is {rendering!r}; it must be one of {', '.join(RENDERINGS)}")
