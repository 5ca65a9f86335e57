"""Installs the repository's root as the package `latentshot` (see CONTRIBUTING.md, "Layout")."""

from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


class PackageWithoutSetup(build_py):
    """The repository's root is the package, and this file no part of it."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        return [module for module in super().find_package_modules(package, package_dir) if module[1] != "setup"]


ROOMS = ("lasium", "glico", "models", "datasets", "training", "experiment", "estimators", "app", "bin", "benchmarks")
APP = ["gradio>=6.31,<7"]  # the page of bin/app.py
EXPORT = ["tf2onnx>=1.17", "onnxruntime>=1.20", "ai-edge-litert>=1.2"]  # what bin/export.py writes and checks with
TUNE = ["optuna>=5", "sqlalchemy>=2"]  # the search of bin/tune.py
APP_FILES = ["*.jinja", "*.js", "*.css"]
FOLDERS = find_packages(include=[f"{room}*" for room in ROOMS])

setup(
    name="latentshot",
    version="0.1.0",
    description="Learning from few labels by interpolating in the latent space of a generative model",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.10",
    cmdclass={"build_py": PackageWithoutSetup},
    package_dir={"latentshot": "."},
    package_data={"latentshot": ["py.typed"], "latentshot.experiment.report": ["*.jinja"], "latentshot.app": APP_FILES},
    packages=["latentshot"] + [f"latentshot.{folder}" for folder in FOLDERS],
    install_requires=[
        "tensorflow>=2.18",
        "keras>=3.9",
        "tensorflow-datasets>=4.9.7",
        "importlib_resources",  # tensorflow-datasets 4.9.10 needs it without declaring it
        "tensorflow-hub>=0.16.1",
        "setuptools<82",  # tensorflow-hub imports pkg_resources, which 82 removed
        "numpy>=1.26",
        "scipy>=1.11",
        "scikit-learn>=1.5",  # digits, and what well-kept algorithms there are
        "typeguard>=4",  # tyro's own, for values of options that lie in files
        "threadpoolctl>=3.1",  # scikit-learn's own, to have its k-means add up in one order
        "h5py>=3.10",
        "psutil>=5.9",
        "filelock>=3.14",  # one writer a run
        "matplotlib>=3.8",
        "pillow>=11",
        "jinja2>=3.1",
        "tqdm>=4.66",
        "tyro>=0.9",
        "tabulate>=0.9",
        "wrapt>=1.14",
        "tensorboard>=2.18",  # for the logs; TensorFlow no longer brings it
    ],
    extras_require={
        "bench": ["torch>=2.5", "jax>=0.4.35"],  # the peers of `make bench`; nothing else needs them
        "export": EXPORT,
        "docs": ["mkdocs>=1.6,<2", "mkdocs-material>=9.5", "mkdocstrings[python]>=0.27", "jupytext>=1.16"],
        "app": APP,
        "tune": TUNE,
        "dev": [
            *EXPORT,
            *APP,
            *TUNE,
            "playwright>=1.49",  # the tests of the page, in the browser of the machine
            "pytest>=9",  # its subtests
            "pytest-xdist>=3.6",
            "hypothesis>=6.100",
            "ruff>=0.8",
            "mypy>=1.13",
            "import-linter>=2.1",
            "pre-commit>=4",
            "types-tqdm",
            "types-tabulate",
        ],
    },
    entry_points={
        "console_scripts": [
            "latentshot-train-meta = latentshot.bin.train_meta:main",
            "latentshot-train-glico = latentshot.bin.train_glico:main",
            "latentshot-tune = latentshot.bin.tune:main",
            "latentshot-draw-tasks = latentshot.bin.draw_tasks:main",
            "latentshot-train-generator = latentshot.bin.train_generator:main",
            "latentshot-evaluate = latentshot.bin.evaluate:main",
            "latentshot-report = latentshot.bin.report:main",
            "latentshot-reproduce = latentshot.bin.reproduce:main",
            "latentshot-update-results = latentshot.bin.update_results:main",
            "latentshot-predict = latentshot.bin.predict:main",
            "latentshot-export = latentshot.bin.export:main",
            "latentshot-app = latentshot.bin.app:main",
        ]
    },
)
