"""Tests of `evenhand.measure`: each estimator against the truth, against a twin, and on ugly answers."""
