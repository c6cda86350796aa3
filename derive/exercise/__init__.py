"""Find-the-error sheets: what the program derives, with slips planted in it, and the key."""
