"""Hand derivations: the network that a text describes, what it claims of it, and whether that is true."""
