"""Values: any expression at any sizes, in floats (real or complex), modulo a prime, and in dual numbers over these."""
