"""Streams of few-shot tasks, made from a generator, from unlabelled images, from clusters or from labels.

A source plans and renders a task, from a generator by anchors and a strategy; the stream changes and batches it.
Imports `lasium.augmentation`, `models` and `datasets`; no learner and nothing of commands.
"""
