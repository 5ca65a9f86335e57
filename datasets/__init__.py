"""The datasets: one file each, and a registry by name. Every dataset is named splits of (images, labels, class names).

Image files are read in `image_files.py` and kept in `image_store.py`; batches of them come from `batches.py`.
Imports nothing else of latentshot.
"""

from .dataset import Dataset, Split
from .registry import load_dataset, short_name

__all__ = ["Dataset", "Split", "load_dataset", "short_name"]
