"""One kind of space a module, each an object of ``core.spaces.entry.Source``."""
