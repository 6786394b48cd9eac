"""Wire dialects: render a prompt byte-exactly, parse a stream into a decision. Pure; a leaf."""
