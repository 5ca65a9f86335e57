"""Streams of few-shot tasks, made from a generator, from unlabelled images, or from labels.

An anchor is drawn, a strategy grows a class from it, a source renders it, and the stream batches it.
Imports `models` and `datasets`; no learner and nothing of commands.
"""
