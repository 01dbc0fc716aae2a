"""A private centre for benches and whole-product tests: its processes, its people, their telephones."""
