"""The version, in the one place where it is written; the package metadata and the change log's test read it here."""

__version__ = "0.1.0"
