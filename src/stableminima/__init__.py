"""*Stable Minima*: what the step size of gradient descent says about the function it finds.

The package behind the book. The public names, in ``__init__.pyi``, are imported when they are first asked for; each
is derived in a chapter.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.1.0"
