"""Evidence for auditors: targeting, fairness, disclosure risk, drafts of registers. Pure functions on arrays."""
