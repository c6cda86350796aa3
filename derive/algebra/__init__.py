"""Expressions: vectors, matrices, sums of products and derivatives over names that are never inlined.

SymPy supplies the tree (`Basic`: arguments, equality, substitution), the index and size arithmetic and the scalar
calculus. What is ours: every node knows its shape and checks it when it is made, products never commute, and the
order of summands and factors is the author's.
"""
