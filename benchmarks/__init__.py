"""Feedmill beside its peers: the same work on the same input, in one run. `make bench` prints the tables.

Everything here looks at programs from outside; nothing of it is part of the package.
"""
