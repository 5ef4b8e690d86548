"""Numbers as a sentence says them, so that a changed parameter changes the sentences about it."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_TENS = {30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}


def spelled(number: float) -> str:
    """A number in a sentence: in words up to twenty and for tens, else in digits, grouped from 10 000 on.

    >>> spelled(8), spelled(30), spelled(200), spelled(20_000), spelled(0.3)
    ('eight', 'thirty', '200', '20 000', '0.3')
    """
    if number != int(number):
        return f"{number:g}"
    if 0 <= number < len(_SMALL):
        return _SMALL[int(number)]
    if number in _TENS:
        return _TENS[int(number)]
    return f"{int(number):,}".replace(",", " ") if abs(number) >= 10_000 else str(int(number))
