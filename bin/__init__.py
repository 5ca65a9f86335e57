"""The commands.

Each parses its options, calls one function, and prints what it returns.
Imports everything.
"""
