"""From a file of declarations and equations to a network (`Model`), and from a network to its unrolled graph."""
