"""A page on this machine in which a derivation is judged as one types it. It keeps no text and sends none away."""
