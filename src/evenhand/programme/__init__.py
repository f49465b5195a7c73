"""Definition: what people write in files (instruments, scales), checked to the last line."""
