"""The pictures of each chapter, in a module named like it."""
