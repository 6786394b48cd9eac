"""Wire dialects: render a prompt byte-exactly, parse a stream into a decision. Pure; imports no other room."""
