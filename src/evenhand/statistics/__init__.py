"""Public statistics: what is counted, noised and released, and what is read off a release. Pure functions."""
