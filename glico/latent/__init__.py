"""Latent codes and a generator, optimized together, and the images between two codes.

Codes, reconstruction losses, the joint model (algorithm 1 of the paper), interpolation and sampling.
Imports `training`; networks and images come in as arguments.
"""
