"""Arithmetic for small models, which read three numbers rightly and add them wrongly: `calculate(expression)`.

Exact (fractions, not floats), and nothing but arithmetic: numbers, + - * / // % **, brackets, lists, and sum, min, max,
round, abs, len, mean. Bounded, so that no expression takes time or memory worth speaking of.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

from lmbridge.agent.reading.names import without_commas
from lmbridge.agent.tools.read_result import arguments_of, own, rejected
from lmbridge.messages import ToolCall, ToolResult, ToolSpec

CALCULATE = ToolSpec(
    name="calculate",
    description="Works out arithmetic with numbers that you have, such as 12 + 7.5 + 3 or (40 - 4) / 9.",
    parameters={"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]},
    read_only=True,
    idempotent=True,
)
LONGEST = 2000
"""Characters of an expression."""
LARGEST_POWER = 200
MOST_BITS = 4000
DIGITS = 12
"""Digits behind the point of a result that does not end."""
Value = Fraction | list[Fraction]

_BINARY: dict[type[ast.operator], Callable[[Fraction, Fraction], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: Mapping[str, Callable[[list[Fraction]], Any]] = {
    "sum": sum,
    "min": min,
    "max": max,
    "abs": lambda values: abs(_sole(values)),
    "len": len,
    "count": len,
    "mean": lambda values: sum(values) / len(values),
    "average": lambda values: sum(values) / len(values),
    "round": lambda values: round(values[0], int(values[1])) if len(values) == 2 else round(_sole(values)),
}


def calculate(call: ToolCall) -> ToolResult:
    """Carries a `calculate` call out."""
    arguments = arguments_of(call)
    expression = arguments.get("expression") if arguments else None
    if arguments is None or not isinstance(expression, str) or not expression.strip():
        return rejected(call, 'calculate needs {"expression": "12 + 7"}.')
    try:
        return own(call, f"{expression.strip()} = {worked_out(expression)}", arguments)
    except ZeroDivisionError:
        return rejected(call, "calculate: a division by zero.")
    except (ValueError, SyntaxError, RecursionError, OverflowError, IndexError, MemoryError) as error:
        why = str(error) if type(error) is ValueError else "this is no arithmetic"
        return rejected(
            call,
            f"calculate: {why}. Write numbers and + - * / only, such as 12 + 7; for anything else there are the other tools.",
        )


def worked_out(expression: str) -> str:
    """The value of an expression, as it is written.

    Raises:
        ValueError: It holds something else than arithmetic, or is too large.
        SyntaxError: It is no expression.
        ZeroDivisionError: It divides by zero.
    """
    if len(expression) > LONGEST:
        raise ValueError(f"more than {LONGEST} characters")
    plain = expression.strip().rstrip("=?. ").replace("×", "*").replace("÷", "/").replace("−", "-").replace("^", "**")  # noqa: RUF001
    plain = plain if "[" in plain or "(" in plain else without_commas(plain)
    value = _value(ast.parse(plain, mode="eval").body)
    return ", ".join(map(_written, value)) if isinstance(value, list) else _written(value)


def _value(node: ast.expr) -> Value:
    match node:
        case ast.Constant(value=bool()):
            raise ValueError("only numbers")
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_number(item) for item in items]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_number(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _number(inner)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_number(left), _number(right))
        case ast.BinOp(left=left, op=kind, right=right) if type(kind) in _BINARY:
            return _bounded(Fraction(_BINARY[type(kind)](_number(left), _number(right))))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in _FUNCTIONS and given:
            return _bounded(Fraction(_FUNCTIONS[name](_flat(given))))
    raise ValueError("only numbers, + - * / and brackets")


def _flat(given: list[ast.expr]) -> list[Fraction]:
    values = [_value(item) for item in given]
    flat = [number for value in values for number in (value if isinstance(value, list) else [value])]
    if not flat:
        raise ValueError("nothing to work with")
    return flat


def _sole(values: list[Fraction]) -> Fraction:
    if len(values) != 1:
        raise ValueError("one number is needed")
    return values[0]


def _number(node: ast.expr) -> Fraction:
    value = _value(node)
    if isinstance(value, list):
        return _sole(value)
    return value


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > LARGEST_POWER:
        raise ValueError(f"only whole powers up to {LARGEST_POWER}")
    return _bounded(Fraction(base ** int(exponent)))


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise ValueError("the number is too large")
    return value


def _written(value: Fraction) -> str:
    """Whole, or with as many digits as it has, at most a dozen behind the point."""
    if value.denominator == 1:
        return str(value.numerator)
    with localcontext() as context:
        context.prec = DIGITS + max(1, abs(value.numerator // value.denominator).bit_length())
        exact = Decimal(value.numerator) / Decimal(value.denominator)
    return format(round(exact, DIGITS).normalize(), "f")
