# Everything a developer or a newcomer runs. `make demo` and `make test` need only Python >= 3.10 and a package registry.

PYTHON ?= python3
BIN := .venv/bin
RUNS ?= runs/demo
PYTEST = $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 25
TRAIN_LASIUM = $(BIN)/python bin/train_meta.py --recipe strong --generator-epochs 3 --generator-batch-size 32 \
	--iterations 1500 --k-shot 1 --n-tasks 300 --run-dir $(RUNS)/lasium --resume

.PHONY: demo app test slow soak bench bench-runs docs results lint format install clean

# A generator, a few-shot learner and its baseline on the embedded letters: 5 minutes on 2 cores, no download of data.
# The options were chosen on the validation script (docs/results/strong.md).
demo: install
	$(BIN)/python bin/train_meta.py --learner scratch --k-shot 1 --n-tasks 300 --run-dir $(RUNS)/scratch --resume
	$(TRAIN_LASIUM)
	$(BIN)/python bin/report.py $(RUNS)/scratch $(RUNS)/lasium --picture $(RUNS)/results.png

# A page to draw letters on for the demo's learner, which is trained first where it is not there.
app: install
	test -e $(RUNS)/lasium/results.json || $(TRAIN_LASIUM)
	$(BIN)/python bin/app.py $(RUNS)/lasium

test: lint
	$(PYTEST)

# The tests marked slow, most of them whole runs: killed, damaged, and in other settings.
slow: install
	$(PYTEST) -m "slow and not soak"

# The tests marked soak, among them every step compiled by XLA, and runs killed in every embedding's training and in GLICO on
# two workers; every file damaged in every way; then the real commands are stopped by three signals, at random moments and at
# operations on files, resumed, and their bits compared, for as long as make soak SECONDS=7200 says.
soak: install
	$(BIN)/pytest -m soak
	EVERY_DAMAGE=1 $(BIN)/pytest -m slow tests/test_damaged_files.py
	$(BIN)/python tests/soak.py --seconds $(or $(SECONDS),1800)

# Ours beside PyTorch's, JAX's and plain TensorFlow's, which the extra `bench` brings; of PyTorch the build for CPUs, which
# imports half as much.
bench: install
	$(BIN)/pip install --quiet --retries 1 --extra-index-url https://download.pytorch.org/whl/cpu --editable ".[bench]"
	$(BIN)/python -m latentshot.benchmarks

# Whole runs, from nothing to the figures on Omniglot and digits, beside scripts of equal work: for when nothing else runs.
bench-runs: install
	$(BIN)/pip install --quiet --retries 1 --extra-index-url https://download.pytorch.org/whl/cpu --editable ".[bench]"
	$(BIN)/python -m latentshot.benchmarks.runs --json-file runs/bench/runs.json

# The site of the documentation, with the examples and the reference: site/index.html. Warnings are errors.
docs: install
	$(BIN)/pip install --quiet --editable ".[docs]"
	ln -sfn $(CURDIR) .venv/typing/latentshot
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# The tables of the documentation, from the figures under results/.
results: install
	$(BIN)/python bin/update_results.py

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	ln -sfn $(CURDIR) .venv/typing/latentshot
	MYPYPATH=.venv/typing $(BIN)/mypy -p latentshot
	PYTHONPATH=.venv/typing $(BIN)/lint-imports --no-logo --cache-dir .venv/import_linter

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: .venv/installed

.venv/installed: setup.py pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable ".[dev]"
	mkdir -p .venv/typing
	touch $@

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
