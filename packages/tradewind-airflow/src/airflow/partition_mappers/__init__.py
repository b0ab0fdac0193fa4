"""How the partition keys of assets become those of a run."""
