"""A folder of submissions: each judged in a process that can be ended, in tables and on pages."""
