"""Verbs: one file tells the whole story of one thing that Evenhand does."""
