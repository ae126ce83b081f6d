"""Search by words, over one Tantivy index for each network."""
