"""Many networks at once: step sizes × seeds × batch sizes × data sets as one program. Book: chapter 4."""
