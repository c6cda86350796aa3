"""Whether a formula is true: two oracles that use none of the laws, and the evidence that they leave."""
