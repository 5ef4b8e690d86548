"""What only the book needs; apart from the command line nothing else imports it."""
