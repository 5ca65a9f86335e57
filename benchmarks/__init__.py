"""Times latentshot beside what a user would pick instead: `make bench`, or `python -m latentshot.benchmarks.maml`."""
