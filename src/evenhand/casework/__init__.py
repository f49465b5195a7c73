"""Rules of a case's life: pure functions from facts to what follows. No files, clocks or SQL."""
