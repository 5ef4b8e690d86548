"""Numbers as a sentence says them, so that a changed parameter changes the sentences about it."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)


def spelled(number: float) -> str:
    """A number in a sentence: in words up to twenty, then in digits, in groups of three from ten thousand on.

    >>> spelled(8), spelled(200), spelled(20_000), spelled(0.3)
    ('eight', '200', '20 000', '0.3')
    """
    if number != int(number):
        return f"{number:g}"
    if 0 <= number < len(_SMALL):
        return _SMALL[int(number)]
    return f"{int(number):,}".replace(",", " ") if abs(number) >= 10_000 else str(int(number))
