"""Names that others chose, made safe to show: file and class names may hold anything."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""What cannot be printed, such as escape bytes and bytes that are no UTF-8, as in \x1b: harmless on a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def csv_cell(text: str) -> str:
    """The printable text; what a spreadsheet would take for a formula begins with an apostrophe.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{printable(text)}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else printable(text)
