"""Why some rows of the tables cannot be run yet."""

BARZ_DENZLER = "these are figures of Barz and Denzler's own code, which is no part of this library"
