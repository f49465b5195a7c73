"""Reports: one self-contained page with pictures, each with its title, description and table."""
