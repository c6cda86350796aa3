"""What is wrong in a formula that fails, and what would hold in its place."""
