"""The gradient of a loss as formulas: the chain form (a sum over paths of products of Jacobians) and the delta form."""
