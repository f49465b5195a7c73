"""Recovery of a known truth over many simulated data sets."""
