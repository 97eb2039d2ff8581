"""Feeds every normalizer with what nobody would write: `make fuzz`, `make growth`. Not part of the test suite."""
