"""An archive that several machines share: pushed into an object store, pulled from it, crawled in turns."""
