"""Operands: qubits, registers and parts of them."""

from __future__ import annotations

from ansatzlint.readers.openqasm.expressions import ExpressionParser
from ansatzlint.readers.openqasm.statements import Code, Index, IndexSet, Operand, Range
from ansatzlint.readers.openqasm.text import Text, shown


class OperandParser(ExpressionParser):
    """Adds operands to expressions; `hardware` collects the numbers of the physical qubits that occur."""

    def __init__(self, text: Text, version: int) -> None:
        super().__init__(text, version)
        self.hardware: set[int] = set()

    def operand_list(self) -> tuple[Operand, ...]:
        """Operands with commas between them."""
        operands = [self.operand()]
        while self.token.text == ",":
            self.next()
            operands.append(self.operand())
            self.limit(operands)
        return tuple(operands)

    def operand(self) -> Operand:
        """A qubit, a bit, or a part of a register."""
        if self.token.kind == "hardware":
            if len(self.token.text) > 8:
                raise self.error(f"physical qubit {shown(self.token.text)} is out of range")
            number = int(self.token.text[1:])
            self.hardware.add(number)
            self.next()
            return Operand(f"${number}")
        name = self.name("a qubit or register")
        return Operand(name, self.indices())

    def indices(self) -> tuple[Index, ...]:
        """Any number of bracketed indices."""
        indices: list[Index] = []
        while self.token.text == "[":
            self.next()
            indices.append(self.index_set() if self.token.text == "{" else self.index())
            self.expect("]")
        return tuple(indices)

    def index_set(self) -> IndexSet:
        """`{a, b, c}`."""
        self.next()
        items = self.codes("}")
        self.next()
        return IndexSet(items)

    def index(self) -> Index:
        """An index or a range `a:b`, `a:step:b`, ends optional."""
        parts: list[Code | None] = []
        while True:
            parts.append(None if self.token.text in (":", "]") else self.expression())
            if self.token.text != ":" or len(parts) == 3:
                break
            self.next()
        if len(parts) == 1:
            if parts[0] is None:
                raise self.error("an index is missing between the brackets")
            return parts[0]
        step = parts[1] if len(parts) == 3 else None
        return Range(parts[0], step, parts[-1])
