"""The commands.

Each parses its options, has the work done elsewhere, and prints what came of it.
Imports everything.
"""
