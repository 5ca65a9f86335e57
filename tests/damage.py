"""How tests damage files, one after the other, and what a command may then do."""

import io
import os
import re
import shutil
import sys
from itertools import groupby
from pathlib import Path

import h5py
import keras
import numpy as np
from PIL import Image

KINDS = ("removed", "empty", "truncated", "bytes flipped", "of another form")
OTHER_JSON = ("[]", "{}", '[{"k_shot": 1}]', "null", '"text"')


def kinds_for(number):
    """All kinds of damage in `make soak`, else each in turn: a run that goes on takes a while."""
    return KINDS if "EVERY_DAMAGE" in os.environ else (KINDS[number % len(KINDS)],)


def together(names):
    """Sorted names, each by itself in `make soak`, else a folder's checkpoints at once: to train anew takes a while."""

    def place(name):
        return Path(name).parent if "checkpoints/" in name and "EVERY_DAMAGE" not in os.environ else name

    return [list(group) for _, group in groupby(names, place)]


def damage(file, kind, number=0):
    """number: which of several other forms."""
    whole = file.read_bytes()
    if kind == "removed":
        file.unlink()
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "truncated":
        file.write_bytes(whole[: len(whole) // 2])
    elif kind == "bytes flipped":
        flipped = bytearray(whole)
        for place in np.linspace(0.1, 0.9, 9) if whole else ():
            flipped[int(place * len(whole))] ^= 0xFF
        file.write_bytes(bytes(flipped))
    else:
        file.write_bytes(_other_form(file, number))


def _other_form(file, number):
    """A valid file of the kind that the suffix says, of something else."""
    target = io.BytesIO()
    if file.suffix == ".json":
        return OTHER_JSON[number % len(OTHER_JSON)].encode()
    if file.suffix == ".keras":
        place = file.with_name(f"other-{file.name}")
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(place)
        content = place.read_bytes()
        place.unlink()
        return content
    if file.suffix == ".h5":
        with h5py.File(target, "w") as other:
            other["layers/dense/vars/0"] = np.zeros(3)
    elif file.suffix == ".npz":
        np.savez(target, other=np.zeros(3))
    elif file.suffix == ".png":
        Image.new("RGB", (3, 3)).save(target, "png")
    else:
        return bytes(len(file.read_bytes()))
    return target.getvalue()


def files_of(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def run(main, *arguments):
    """The command in this process, which saves the import of TensorFlow: how it ends, and what it says there.

    A traceback is an error of the test.
    """
    before, sys.argv = sys.argv, ["command", *map(str, arguments)]
    try:
        main()
    except SystemExit as ended:
        return ended.code
    finally:
        sys.argv = before
    return None


def copy_of(folder, place):
    shutil.rmtree(place, ignore_errors=True)
    return Path(shutil.copytree(folder, place))


def assert_told(said, *names):
    """One line that names one of the files or folders."""
    assert isinstance(said, str), said
    assert said.startswith("error: "), said
    assert "\n" not in said.strip(), said
    assert any(re.search(re.escape(name), said) for name in names), f"{names} are not in: {said}"
