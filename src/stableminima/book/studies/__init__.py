"""The recorded studies of the book, one module a subject."""
