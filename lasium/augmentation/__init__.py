"""Random maps of batches of images that leave an image what it shows: what makes two images of a class differ.

Each is a function of the images and a seed, so that a task is the same whenever it is drawn. `named` holds the usual
sets of them.
Imports nothing of the project.
"""
