"""What passes between the judge of the problem sets and an answer: JSON and raw bytes, never pickle.

:func:`pack` turns a value into a tree that JSON knows and a list of buffers, :func:`unpack` turns them back.  An answer
may return nothing but numbers, text, arrays, lists, tuples and networks; whatever else it returns arrives as
:class:`Opaque`, which has a name and nothing more.  Functions go as handles that the other side may call.
"""

from __future__ import annotations

import importlib
import json
import numbers
import struct
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import IO, Any

import numpy as np

from stableminima import DeepReLU, ShallowReLU

Function = Callable[..., object]
TEXT = 200  # characters of a message that cross the boundary
HEADER, BODY, DEPTH, ITEMS = 4_000_000, 64_000_000, 8, 100_000  # bytes, bytes, nesting, entries of a list or network


class Malformed(Exception):
    """What arrived is not what :func:`pack` makes."""


class AnswerError(AssertionError):
    """An answer raised an exception: its type and the beginning of its text."""


class Opaque:
    """Something that an answer returned and that does not cross the boundary."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def _refuse(self, *_: object) -> None:
        raise AssertionError(f"{self.kind} was returned; return numbers, arrays, tuples or networks")

    __len__ = __iter__ = __getitem__ = __float__ = __array__ = __call__ = __getattr__ = _refuse


def short(text: object) -> str:
    """A text of at most :data:`TEXT` characters, in one piece."""
    text = str(text)
    return text if len(text) <= TEXT else text[: TEXT - 1] + "…"


def reason(trouble: BaseException) -> str:
    """Type and text of an exception, short, whatever its ``__str__`` does."""
    try:
        text = short(str(trouble))
    except BaseException:
        text = "(no text)"
    return f"{type(trouble).__name__[:60]}: {text}" if text else type(trouble).__name__[:60]


# --- values ------------------------------------------------------------------------------------------------------


def pack(value: object, buffers: list[bytes], share: Callable[[Function], int] | None = None, depth: int = 0) -> list:
    """The tree of a value; raw bytes are appended to ``buffers``.  Without ``share`` functions are opaque."""
    deeper = lambda part: pack(part, buffers, share, depth + 1)  # noqa: E731
    if value is None or isinstance(value, bool):
        return ["plain", value]
    if type(value) in (int, float, str):
        too_long = (type(value) is int and value.bit_length() > 10_000) or (type(value) is str and len(value) > 10_000)
        return ["opaque", f"a very long {type(value).__name__}"] if too_long else ["plain", value]
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind == "O":
            try:
                array = array.astype(float)
            except (TypeError, ValueError):
                return ["opaque", "an array of objects"]
        if array.dtype.kind not in "biufc" or array.nbytes > BODY:
            return ["opaque", f"an array of {array.dtype}"]
        buffers.append(np.ascontiguousarray(array).tobytes())
        kind = "scalar" if isinstance(value, np.generic) else "array"
        return [kind, array.dtype.newbyteorder("=").str, list(array.shape), len(buffers) - 1]
    if isinstance(value, tuple | list) and depth < DEPTH and len(value) <= ITEMS:
        return ["tuple" if isinstance(value, tuple) else "list", [deeper(part) for part in value]]
    if isinstance(value, ShallowReLU):
        return ["shallow", [deeper(np.asarray(part)) for part in (value.W, value.b, value.v, value.c)]]
    if isinstance(value, DeepReLU):
        return ["deep", [[deeper(np.asarray(part)) for part in layer] for layer in value.layers]]
    if isinstance(value, complex):
        return ["complex", [value.real, value.imag]]
    if share is not None:
        if isinstance(value, np.random.Generator):  # a generator of its own; ours moves on
            return ["generator", int(value.integers(2**63))]
        if is_dataclass(value) and type(value).__module__.startswith("stableminima"):
            parts = {part.name: deeper(getattr(value, part.name)) for part in fields(value) if part.init}
            return ["data", type(value).__module__, type(value).__qualname__, parts]
        if callable(value):
            return ["function", share(value)]
    return pack_foreign(value, buffers)


def pack_foreign(value: Any, buffers: list[bytes]) -> list:
    """Numbers and arrays of other packages, as NumPy's."""
    kind = type(value).__name__[:60]
    try:
        if callable(getattr(value, "detach", None)):  # a tensor that remembers its history
            value = value.detach().cpu()
        if hasattr(value, "__array__"):
            array = np.asarray(value)
            return (
                pack(array if array.ndim else array[()], buffers) if array.dtype.kind in "biufc" else ["opaque", kind]
            )
        if isinstance(value, numbers.Number) or hasattr(value, "__float__"):
            return ["plain", float(value)]
        if isinstance(value, str):
            return pack(str.__str__(value), buffers)
    except Exception:
        return ["opaque", kind]
    return ["opaque", kind]


def unpack(tree: Any, buffers: list[bytes], call: Callable[[int], Function] | None = None, depth: int = 0) -> Any:
    """The value of a tree.  With ``call``, which makes a function of a handle, the other side is trusted."""
    try:
        kind, rest = tree[0], tree[1:]
        deeper = lambda part: unpack(part, buffers, call, depth + 1)  # noqa: E731
        if depth > DEPTH + 4:
            raise Malformed("too deep")
        if kind == "plain" and (rest[0] is None or type(rest[0]) in (bool, int, float, str)):
            return rest[0]
        if kind in ("array", "scalar"):
            dtype = np.dtype(str(rest[0]))
            if dtype.kind not in "biufc" or dtype.hasobject:
                raise Malformed(f"an array of {dtype}")
            array = np.frombuffer(buffers[rest[2]], dtype=dtype).reshape([int(n) for n in rest[1]]).copy()
            return array if kind == "array" else array[()]
        if kind in ("tuple", "list") and len(rest[0]) <= ITEMS:
            parts = [deeper(part) for part in rest[0]]
            return tuple(parts) if kind == "tuple" else parts
        if kind == "complex":
            return complex(float(rest[0][0]), float(rest[0][1]))
        if kind == "opaque":
            return Opaque(short(rest[0]))
        if kind in ("shallow", "deep"):
            return network(kind, rest[0], deeper)
        if call is not None and kind == "generator":
            return np.random.default_rng(rest[0])
        if call is not None and kind == "function":
            return call(rest[0])
        if call is not None and kind == "data":
            return getattr(importlib.import_module(rest[0]), rest[1])(**{k: deeper(v) for k, v in rest[2].items()})
    except Malformed:
        raise
    except Exception as trouble:
        raise Malformed(reason(trouble)) from None
    raise Malformed(f"what is {short(kind)}?")


def network(kind: str, parts: list, deeper: Callable[[list], Any]) -> ShallowReLU | DeepReLU:
    """A network of our own class, from its arrays; too large a one is refused."""
    if kind == "shallow":
        W, b, v, c = (deeper(part) for part in parts)
        if W.size > ITEMS:
            raise Malformed("a network with too many weights")
        return ShallowReLU(W, b, v, float(c))
    layers = [tuple(deeper(part) for part in layer) for layer in parts]
    if sum(weight.size for weight, _ in layers) > ITEMS:
        raise Malformed("a network with too many weights")
    return DeepReLU(tuple(weight for weight, _ in layers), tuple(bias for _, bias in layers))


# --- messages ----------------------------------------------------------------------------------------------------


def send(stream: IO[bytes], message: dict, buffers: list[bytes] | None = None) -> None:
    """Write one message: the length of its head, the head (JSON with the lengths of the buffers), the buffers."""
    head = json.dumps(message | {"sizes": [len(part) for part in buffers or []]}).encode()
    stream.write(struct.pack(">I", len(head)) + head + b"".join(buffers or []))
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict, list[bytes]]:
    """Read one message; ``EOFError`` at the end, :class:`Malformed` if it is not one."""
    (size,) = struct.unpack(">I", exactly(stream, 4))
    if size > HEADER:
        raise Malformed("a head of that length")
    try:
        message = json.loads(exactly(stream, size))
        sizes = [int(length) for length in message["sizes"]]
    except EOFError:
        raise
    except Exception as trouble:
        raise Malformed(reason(trouble)) from None
    if min(sizes, default=0) < 0 or sum(sizes) > BODY:
        raise Malformed("buffers of that length")
    return message, [exactly(stream, length) for length in sizes]


def exactly(stream: IO[bytes], size: int) -> bytes:
    """The next ``size`` bytes, or ``EOFError``."""
    content = stream.read(size)
    if content is None or len(content) < size:
        raise EOFError
    return content


# --- the same in one process --------------------------------------------------------------------------------------


class Proxy:
    """Stands for an answer; after a call ``changed`` says whether the answer changed an array that it was given."""

    changed = False


class Isolated(Proxy):
    """An answer in this process that is called as it is called across the boundary: with copies, and reduced."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def __call__(self, *arguments: object, **options: object) -> object:
        kept: list[Function] = []

        def share(function: Function) -> int:
            kept.append(function)
            return len(kept) - 1

        given, buffers = pack_call(arguments, options, share)
        arguments, options = unpack(given, buffers, kept.__getitem__)
        result = self.function(*arguments, **dict(options))
        self.changed = touched(buffers, arguments, dict(options))
        buffers = []
        try:
            return unpack(pack(result, buffers), buffers)
        except Malformed as trouble:
            raise AssertionError(f"what the function returned is not usable: {trouble}") from None


def isolated(value: object) -> object:
    """A function as :class:`Isolated`; proxies, and what is no function, as they are."""
    return Isolated(value) if callable(value) and not isinstance(value, Proxy) else value


def pack_call(arguments: tuple, options: dict, share: Callable[[Function], int] | None) -> tuple[list, list[bytes]]:
    """The arguments of a call as one packed tuple ``(positional, ((name, value), …))``."""
    buffers: list[bytes] = []
    return pack((tuple(arguments), tuple(options.items())), buffers, share), buffers


def touched(buffers: list[bytes], arguments: tuple, options: dict) -> bool:
    """Whether an array among unpacked arguments differs from the buffers that it came from."""
    arrays = [part.tobytes() for part in (*arguments, *options.values()) if isinstance(part, np.ndarray)]
    return any(part not in buffers for part in arrays)
