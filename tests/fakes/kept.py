"""What is kept by objects of ours, in bytes: whether something grows without end."""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Iterable
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

_ELSEWHERE = (type, ModuleType, FunctionType, BuiltinFunctionType, CodeType)
_PLAIN = ("builtins", "collections", "decimal", "method")


def kept(roots: Iterable[object], ours: tuple[str, ...], but: tuple[str, ...] = ()) -> int:
    """Bytes of all that can be reached from ``roots`` by way of plain values and objects of modules whose
    names begin like ``ours``."""
    seen, waiting, size = set[int](), deque[object](roots), 0
    while waiting:
        each = waiting.pop()
        module = type(each).__module__
        if id(each) in seen or isinstance(each, _ELSEWHERE):
            continue
        if module not in _PLAIN and (not module.startswith(ours) or module.startswith(but)):
            continue
        seen.add(id(each))
        size += sys.getsizeof(each)
        waiting.extend(gc.get_referents(each))
        waiting.extend(getattr(each, name) for name in getattr(each, "__struct_fields__", ()))
    return size
