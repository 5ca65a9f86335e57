"""The datasets, and a registry by name. Every dataset is named splits of (images, labels, class names), or attributes.

Image files are read in `image_files.py` and kept in `image_store.py`; the order of batches from `batches.py`.
Imports nothing else of latentshot but `training/files.py`.
"""

from .dataset import Dataset, Split
from .registry import load_dataset, short_name

__all__ = ["Dataset", "Split", "load_dataset", "short_name"]
