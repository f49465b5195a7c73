"""What is kept: the ledger, its keys and proofs, and the only SQL."""
