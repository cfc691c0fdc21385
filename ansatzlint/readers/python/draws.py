"""Random draws that a syntax tree shows: initial values of parameters, whether they are seeded, and outcomes that are
picked from a circuit's probabilities."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ansatzlint.circuit import Circuit, Parameter, Probabilities
from ansatzlint.initialisation import Initialisation, Normal, Uniform
from ansatzlint.readers.python.document import Document, Unit
from ansatzlint.readers.python.syntax import (
    FunctionNode,
    Syntax,
    names_in,
    parameters_of,
    simple_name,
    stores_in,
    walk_scope,
)
from ansatzlint.readers.roles import INPUT_NAMES
from ansatzlint.source import Draw

_UNIT_UNIFORM = frozenset(["random", "rand", "random_sample", "ranf", "sample"])
_UNIT_NORMAL = frozenset(["randn", "standard_normal"])
_OTHER = frozenset(
    ["beta", "gamma", "exponential", "laplace", "vonmises", "triangular", "truncated_normal", "gauss",
     "normalvariate", "rand_like", "randn_like"]
)  # fmt: skip
_DRAWING = _UNIT_UNIFORM | _UNIT_NORMAL | _OTHER | {"uniform", "normal"}
_GENERATORS = frozenset(["default_rng", "RandomState", "Generator", "Random", "SystemRandom"])
_SEEDS = frozenset(["seed", "manual_seed", "set_seed", "seed_everything", "set_random_seed", "seed_all"])
_RANDOM_MODULES = ("numpy.random", "pennylane.numpy.random", "autograd.numpy.random", "random", "torch", "jax.random",
                   "tensorflow.random", "scipy.stats")  # fmt: skip
_FAMILIES = {
    "numpy": ("numpy.random", "pennylane.numpy.random", "autograd.numpy.random", "scipy.stats"),
    "python": ("random",),
    "torch": ("torch",),
    "tensorflow": ("tensorflow",),
}
_WRAPPERS = frozenset(
    ["array", "asarray", "tensor", "Parameter", "reshape", "astype", "copy", "Variable", "requires_grad_", "flatten",
     "ravel", "as_tensor", "deepcopy", "list", "tuple", "squeeze", "float", "tolist", "double", "to", "clone"]
)  # fmt: skip
_USERS = frozenset(
    ["step", "step_and_cost", "minimize", "minimise", "fit", "train", "assign_parameters", "bind_parameters", "run"]
)


@dataclass(frozen=True)
class _Seen:
    """A draw as an expression: value = scale * (the call's distribution) + shift; None where it is not followed."""

    call: ast.Call
    law: Initialisation | None
    seeded_by_generator: bool | None
    family: str = ""
    frozen: bool = False


@dataclass(frozen=True)
class _Seed:
    """A call that sets a seed: of which library ("" for one of the user's own, which may set any), and where."""

    unit: Unit
    line: int
    family: str
    scope: ast.AST


_Drawn = dict[str, list[tuple[_Seen, ast.AST]]]
"""Name -> the draws that it was bound to, each with the statement."""


def find_draws(document: Document, syntax: Syntax) -> tuple[Draw, ...]:
    """The draws whose values reach a circuit, something that calls one, or an optimiser."""
    finder = _Finder(syntax)
    found: list[Draw] = []
    for unit in document.units:
        for scope in _scopes(unit.tree):
            found.extend(finder.draws_of(unit, scope))
    unique = {(d.location, d.target): d for d in found}
    return tuple(sorted(unique.values(), key=lambda d: (d.location.cell or 0, d.location.line, d.location.column)))


def _scopes(tree: ast.Module) -> Iterator[ast.Module | FunctionNode]:
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode):
            yield node


class _Finder:
    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self.numbers = self._module_numbers()
        self.home = {id(node): unit for unit in syntax.document.units for node in ast.walk(unit.tree)}
        self._returns: dict[int, _Seen | None] = {}
        self.generators, self.seeds = self._generators_and_seeds()
        self.attributes = self._attributes_handed_on()
        self.globals_used = self._globals_handed_on()

    def draws_of(self, unit: Unit, scope: ast.Module | FunctionNode) -> Iterator[Draw]:
        """The draws in one scope, without those in the functions that it defines."""
        body = _body(scope)
        drawn = self._drawn(body)
        used = self._used_arguments(body, isinstance(scope, ast.Module))
        for name, laws in drawn.items():
            argument = used.get(name)
            if argument is None:
                continue
            for seen, node in laws:
                yield self._draw(unit, scope, seen, name, argument, node)
        for argument, value in self._direct_arguments(body):
            direct = self._seen(value, {})
            if direct is not None:
                yield self._draw(unit, scope, direct, "", argument, value)

    def _drawn(self, body: list[ast.AST]) -> _Drawn:
        """The names of one scope that draws are bound to and that something may have used since."""
        drawn: _Drawn = {}
        uses: dict[str, list[int]] = {}
        for _, value in self._direct_arguments(body):
            for node in ast.walk(value):
                if isinstance(node, ast.Name | ast.Attribute):
                    uses.setdefault(node.id if isinstance(node, ast.Name) else node.attr, []).append(node.lineno)

        def unused(name: str, until: ast.stmt) -> bool:
            last = drawn[name][-1][1] if drawn.get(name) else None
            start, end = getattr(last, "lineno", 1), until.end_lineno or until.lineno
            return not any(start <= line <= end for line in uses.get(name, ()))

        for node in sorted(body, key=lambda n: (getattr(n, "lineno", 0), getattr(n, "col_offset", 0))):
            if isinstance(node, ast.AugAssign):
                name = _bound(node.target)
                if name is not None and drawn.get(name) and unused(name, node):
                    seen, statement = drawn[name].pop()
                    law = self._arithmetic_of(seen, node.op, self._number(node.value), swapped=False)
                    drawn[name].append((law, statement))
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target, value in _pairs(node):
                    name = _bound(target)
                    if name is None:
                        continue
                    if name in names_in(value) and drawn.get(name) and not unused(name, node):
                        continue  # a step of the training: the draw has served as the start
                    found = self._seen(value, drawn)
                    if found is not None:
                        drawn.setdefault(name, []).append((found, node))
                    elif isinstance(target, ast.Name) and unused(name, node):
                        # w = clip(w) is still drawn, by a law that nobody knows; w = zeros(3) is not
                        again = drawn.get(name, []) if name in names_in(value) else []
                        held = [(replace(seen, law=None), at) for seen, at in again]
                        drawn[name] = held or self._container(value, drawn)
        return drawn

    def _draw(
        self, unit: Unit, scope: ast.AST, seen: _Seen, name: str, argument: str, node: ast.AST
    ) -> Draw:
        is_input = seen.frozen or argument in INPUT_NAMES or name in INPUT_NAMES or name.lower() in INPUT_NAMES
        seeded = seen.seeded_by_generator
        if seeded is None:
            seeded = any(self._comes_before(seed, unit, scope, getattr(node, "lineno", 1)) for seed in self.seeds
                         if not seed.family or not seen.family or seed.family == seen.family)  # fmt: skip
        place = self.home.get(id(seen.call), unit).location(seen.call)
        return Draw(place, name, seen.law, seeded, "input" if is_input else "trainable")

    @staticmethod
    def _comes_before(seed: _Seed, unit: Unit, scope: ast.AST, line: int) -> bool:
        """Whether the seed is set before a draw in `scope`; a function may be called after whatever stands outside."""
        if seed.scope is not scope and not isinstance(scope, ast.Module):
            return True
        return seed.line <= line if seed.unit is unit else (seed.unit.cell or 0) < (unit.cell or 0)

    # -- where draws go

    def _used_arguments(self, body: list[ast.AST], at_top: bool) -> dict[str, str]:
        """Names that are handed to a circuit, to something that calls one, or to an optimiser, with the name of the
        argument there ("" if unknown)."""
        found: dict[str, str] = {}
        for argument, value in self._direct_arguments(body):
            for node in ast.walk(value):
                if isinstance(node, ast.Name):
                    found.setdefault(node.id, argument if node is value else "")
                elif isinstance(node, ast.Attribute):
                    found.setdefault(node.attr, argument if node is value else "")
        for name, argument in [*self.attributes.items(), *(self.globals_used if at_top else {}).items()]:
            found.setdefault(name, argument)
        return found

    def _globals_handed_on(self) -> dict[str, str]:
        """Names of the module that functions hand to a circuit, with the argument there."""
        found: dict[str, str] = {}
        for unit in self.syntax.document.units:
            for scope in _scopes(unit.tree):
                if isinstance(scope, FunctionNode):
                    local = {*parameters_of(scope)}.union(*(stores_in(statement) for statement in scope.body))
                    for argument, value in self._direct_arguments(_body(scope)):
                        if isinstance(value, ast.Name) and value.id not in local:
                            found.setdefault(value.id, argument)
        return found

    def _attributes_handed_on(self) -> dict[str, str]:
        """Attributes such as `self.weights` that any function hands to a circuit, with the argument there."""
        found: dict[str, str] = {}
        for unit in self.syntax.document.units:
            for node in ast.walk(unit.tree):
                if isinstance(node, ast.Call) and self._takes_parameters(node):
                    for position, value in enumerate(node.args):
                        if isinstance(value, ast.Attribute):
                            found.setdefault(value.attr, self._argument_name(node, position))
        return found

    def _direct_arguments(self, body: list[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
        for node in body:
            if isinstance(node, ast.Call) and self._takes_parameters(node):
                for position, value in enumerate(node.args):
                    yield self._argument_name(node, position), value
                for keyword in node.keywords:
                    yield keyword.arg or "", keyword.value

    def _takes_parameters(self, call: ast.Call) -> bool:
        syntax = self.syntax
        if syntax.is_circuit_maker(call):
            return False
        func = call.func
        if isinstance(func, ast.Name) and func.id in syntax.circuits:
            return True
        if isinstance(func, ast.Attribute) and func.attr in syntax.attributes and syntax.dotted(func) is None:
            return True
        if isinstance(func, ast.Call) and syntax.touches(func):
            return True
        last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        return last in _USERS and any(syntax.touches(a) for a in [*call.args, func])

    def _argument_name(self, call: ast.Call, position: int) -> str:
        func = call.func
        name = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
        if name in _USERS and call.args and position:
            first = call.args[0]
            name, position = simple_name(first) or "", position - 1
        for node in self.syntax.functions.get(name, ()):
            if isinstance(node, FunctionNode):
                parameters = [p for p in parameters_of(node) if p not in ("self", "cls")]
                if position < len(parameters):
                    return parameters[position]
        return ""

    # -- what a draw is

    def _seen(self, node: ast.expr, drawn: _Drawn) -> _Seen | None:
        """The draw that the expression's value is, up to scaling, shifting and reshaping."""
        match node:
            case ast.Name(id=name):
                return drawn[name][-1][0] if drawn.get(name) else None
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _scaled(self._seen(inner, drawn), -1.0, 0.0)
            case ast.BinOp(left=left, op=op, right=right):
                return self._arithmetic(left, op, right, drawn)
            case ast.Subscript(value=inner) | ast.NamedExpr(value=inner):
                return self._seen(inner, drawn)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                inner_seen = [self._seen(e, drawn) for e in elements]
                return inner_seen[0] if inner_seen and all(s is not None for s in inner_seen) else None
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
                return self._seen(element, drawn)
            case ast.Call():
                return self._call(node, drawn)
        return None

    def _call(self, call: ast.Call, drawn: _Drawn) -> _Seen | None:
        law = self._distribution(call)
        frozen = any(
            k.arg == "requires_grad" and isinstance(k.value, ast.Constant) and k.value.value is False
            for k in call.keywords
        )
        if law is not None:
            seen = law
        else:
            last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if self.syntax.dotted(call.func) is None and last in self.syntax.functions:
                return self._returned(self.syntax.functions[last])
            if last not in _WRAPPERS:
                return None
            inner: _Seen | None = self._seen(call.args[0], drawn) if call.args else None
            if inner is None and isinstance(call.func, ast.Attribute):
                inner = self._seen(call.func.value, drawn)
            if inner is None:
                return None
            seen = inner
        return replace(seen, frozen=True) if frozen else seen

    def _returned(self, definitions: list[ast.AST]) -> _Seen | None:
        """The draw that the user's own function returns; None where it returns something else."""
        definition = definitions[-1]
        if not isinstance(definition, FunctionNode):
            return None
        if id(definition) not in self._returns:
            self._returns[id(definition)] = None  # for one that calls itself
            body = _body(definition)
            drawn = self._drawn(body)
            returned = [n.value for n in body if isinstance(n, ast.Return) and n.value is not None]
            found = [seen for value in returned if (seen := self._seen(value, drawn)) is not None]
            self._returns[id(definition)] = found[0] if found else None
        return self._returns[id(definition)]

    def _arithmetic(
        self, left: ast.expr, op: ast.operator, right: ast.expr, drawn: _Drawn
    ) -> _Seen | None:
        a, b = self._seen(left, drawn), self._seen(right, drawn)
        if a is not None and b is not None:
            return replace(a, law=None)
        seen, other = (a, right) if a is not None else (b, left)
        if seen is None:
            return None
        return self._arithmetic_of(seen, op, self._number(other), swapped=a is None)

    @staticmethod
    def _arithmetic_of(seen: _Seen, op: ast.operator, number: float | None, *, swapped: bool) -> _Seen:
        """The draw `seen op number`, or `number op seen` if swapped; without a law where that is not known."""
        found: _Seen | None = None
        match op:
            case ast.Mult() if number is not None:
                found = _scaled(seen, number, 0.0)
            case ast.Div() if number and not swapped:
                found = _scaled(seen, 1.0 / number, 0.0)
            case ast.Add() if number is not None:
                found = _scaled(seen, 1.0, number)
            case ast.Sub() if number is not None:
                found = _scaled(seen, -1.0, number) if swapped else _scaled(seen, 1.0, -number)
        return found or replace(seen, law=None)

    def _distribution(self, call: ast.Call) -> _Seen | None:
        """The distribution of a drawing call; None if the call draws nothing."""
        func = call.func
        name = self.syntax.dotted(func) or ""
        module, _, last = name.rpartition(".")
        by_generator: bool | None = None
        if isinstance(func, ast.Attribute) and not name:
            owner = func.value
            last = func.attr
            root = simple_name(owner)
            if isinstance(owner, ast.Call) and self._makes_generator(owner):
                by_generator = _is_seeded(owner)
            elif root in self.generators and last in _DRAWING:
                by_generator = self.generators[root]
            else:
                return None
        elif not any(module == m or module.startswith(m + ".") for m in _RANDOM_MODULES):
            return None
        elif module.startswith("jax"):
            by_generator = True  # its draws take a key
        if last not in _DRAWING or (module == "torch" and last in ("normal", "uniform", "random")):
            return None
        return _Seen(call, self._law(call, last, module), by_generator, "" if by_generator else _family(module))

    def _law(self, call: ast.Call, last: str, module: str) -> Initialisation | None:
        keywords = {k.arg: k.value for k in call.keywords}
        positional = [] if module.startswith(("jax", "tensorflow")) else list(call.args)

        def number(position: int, names: tuple[str, ...], default: float) -> float | None:
            for name in names:
                if name in keywords:
                    return self._number(keywords[name])
            return self._number(positional[position]) if position < len(positional) else default

        if last in _UNIT_UNIFORM:
            return Uniform(0.0, 1.0)
        if last in _UNIT_NORMAL:
            return Normal(1.0)
        if last == "uniform":
            low = number(0, ("low", "minval", "a"), 0.0)
            high = number(1, ("high", "maxval", "b"), 1.0)
            return None if low is None or high is None or low > high else Uniform(low, high)
        if last == "normal":
            mean = number(0, ("loc", "mean"), 0.0)
            std = number(1, ("scale", "std", "stddev"), 1.0)
            return None if mean is None or std is None or std < 0 else Normal(std, mean)
        return None

    def _number(self, node: ast.expr) -> float | None:
        match node:
            case ast.Constant(value=bool()):
                return None
            case ast.Constant(value=int() | float() as value):
                return float(value)
            case ast.Attribute(attr="pi") | ast.Name(id="pi" | "PI"):
                return math.pi
            case ast.Attribute(attr="tau"):
                return math.tau
            case ast.Name(id=name):
                return self.numbers.get(name)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                value_ = self._number(inner)
                return None if value_ is None else -value_
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self._number(left), self._number(right)
                if a is None or b is None:
                    return None
                try:
                    match op:
                        case ast.Add():
                            return a + b
                        case ast.Sub():
                            return a - b
                        case ast.Mult():
                            return a * b
                        case ast.Div():
                            return a / b
                        case ast.Pow() if abs(b) <= 64 and abs(a) <= 1e3 and (a > 0 or b.is_integer()):
                            return float(a**b)
                except (ZeroDivisionError, OverflowError):
                    return None
            case ast.Call(func=func, args=[only]) if (self.syntax.dotted(func) or "").endswith(".sqrt"):
                inner_value = self._number(only)
                return None if inner_value is None or inner_value < 0 else math.sqrt(inner_value)
        return None

    # -- what stands around

    def _container(
        self, value: ast.expr, drawn: _Drawn
    ) -> list[tuple[_Seen, ast.AST]]:
        """The draws that a list, tuple or dict of drawn names holds."""
        held: list[tuple[_Seen, ast.AST]] = []
        if isinstance(value, ast.List | ast.Tuple | ast.Dict):
            for node in ast.walk(value):
                if isinstance(node, ast.Name):
                    held.extend(drawn.get(node.id, ()))
                elif isinstance(node, ast.Call) and (seen := self._distribution(node)) is not None:
                    held.append((seen, node))
        return held

    def _module_numbers(self) -> dict[str, float]:
        found: dict[str, float] = {}
        self.numbers = found
        twice: set[str] = set()
        for _, statement in self.syntax.document.statements():
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name = statement.targets[0].id
                value = self._number(statement.value)
                if value is None or name in found:
                    twice.add(name)
                else:
                    found[name] = value
        for name in twice:
            found.pop(name, None)
        return found

    def _makes_generator(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Call):
            return False
        name = self.syntax.dotted(node.func) or ""
        return name.rpartition(".")[2] in _GENERATORS and "random" in name

    def _generators_and_seeds(self) -> tuple[dict[str, bool], list[_Seed]]:
        generators: dict[str, bool] = {}
        seeds: list[_Seed] = []
        for unit in self.syntax.document.units:
            scope_of = {id(node): scope for scope in _scopes(unit.tree) for node in _body(scope)}
            for node in ast.walk(unit.tree):
                if isinstance(node, ast.Assign) and self._makes_generator(node.value):
                    assert isinstance(node.value, ast.Call)
                    for target in node.targets:
                        name = simple_name(target)
                        if name:
                            generators[name] = _is_seeded(node.value)
                elif isinstance(node, ast.Call) and (node.args or node.keywords):
                    last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    if last in _SEEDS and not _is_none(node):
                        family = _family((self.syntax.dotted(node.func) or "").rpartition(".")[0])
                        seeds.append(_Seed(unit, node.lineno, family, scope_of.get(id(node), unit.tree)))
        return generators, seeds


def _body(scope: ast.Module | FunctionNode) -> list[ast.AST]:
    """The nodes of a scope without those of the functions that it defines."""
    return [node for statement in scope.body for node in walk_scope(statement)]


def _bound(target: ast.expr) -> str | None:
    """The name that an assignment's target goes by: `w` for `w`, `w[0]` and `self.w`."""
    if isinstance(target, ast.Tuple | ast.List):
        return None
    return target.attr if isinstance(target, ast.Attribute) else simple_name(target)


def _pairs(node: ast.Assign | ast.AnnAssign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(target, value) of an assignment; `a, b = x, y` gives two."""
    assert node.value is not None
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        match target, node.value:
            case (ast.Tuple(elts=targets) | ast.List(elts=targets)), (ast.Tuple(elts=values) | ast.List(elts=values)):
                if len(targets) == len(values):
                    yield from zip(targets, values, strict=True)
            case _:
                yield target, node.value


def _family(module: str) -> str:
    """The library whose global generator the functions of a module use; "" for a module that is not known."""
    for family, modules in _FAMILIES.items():
        if any(module == m or module.startswith(m + ".") for m in modules):
            return family
    return ""


def _is_none(call: ast.Call) -> bool:
    values = [*call.args, *(k.value for k in call.keywords)]
    return all(isinstance(v, ast.Constant) and v.value is None for v in values)


def _is_seeded(call: ast.Call) -> bool:
    return bool(call.args or call.keywords) and not _is_none(call)


def _scaled(seen: _Seen | None, factor: float, shift: float) -> _Seen | None:
    if seen is None:
        return None
    law = seen.law
    if isinstance(law, Uniform):
        ends = sorted((law.low * factor + shift, law.high * factor + shift))
        law = Uniform(ends[0], ends[1])
    elif isinstance(law, Normal):
        law = Normal(abs(factor) * law.std, factor * law.mean + shift)
    return replace(seen, law=law)


def mark_draws(circuits: list[Circuit], draws: Sequence[Draw]) -> list[Circuit]:
    """The circuits with `initialisation` set on the parameters whose argument is bound to a draw.

    A parameter `weights[0,1]` belongs to argument `weights` of the circuit's function; the draw counts if its
    target has that name, or if it is the file's only draw of trainable parameters.
    """
    trainable = [d for d in draws if d.role == "trainable"]
    laws = {d.target: d.initialisation for d in trainable if d.target}
    targets = {d.target for d in trainable}

    def law_of(parameter: Parameter, names: set[str]) -> Initialisation | None:
        if parameter.role != "trainable":
            return None
        argument = parameter.name.partition("[")[0]
        if argument in laws:
            return laws[argument]
        if len(targets) == 1 and len(names) == 1:
            return trainable[-1].initialisation
        return None

    found = []
    for circuit in circuits:
        names = {p.name.partition("[")[0] for p in circuit.trainable}
        parameters = tuple(replace(p, initialisation=law_of(p, names)) for p in circuit.parameters)
        found.append(replace(circuit, parameters=parameters) if parameters != circuit.parameters else circuit)
    return found


def mark_selected(circuits: list[Circuit], document: Document) -> list[Circuit]:
    """The circuits with their probabilities marked as selected where the file reads a single outcome of them."""
    picked: set[str] = set()
    results: dict[str, str] = {}
    for unit in document.units:
        nodes = list(ast.walk(unit.tree))
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                called = _called(node.value)
                target = node.targets[0]
                if called and isinstance(target, ast.Name):
                    results[target.id] = called
        for node in nodes:
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _single(node.slice):
                if isinstance(node.value, ast.Call):
                    picked.add(_called(node.value) or "")
                elif isinstance(node.value, ast.Name) and node.value.id in results:
                    picked.add(results[node.value.id])
    found = []
    for circuit in circuits:
        if circuit.name.partition("#")[0] in picked and len(circuit.observables) == 1:
            observables = tuple(
                replace(o, selected=True) if isinstance(o, Probabilities) else o for o in circuit.observables
            )
            circuit = replace(circuit, observables=observables)
        found.append(circuit)
    return found


def _called(call: ast.Call) -> str | None:
    func = call.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else None


def _single(index: ast.expr) -> bool:
    if isinstance(index, ast.UnaryOp):
        index = index.operand
    return isinstance(index, ast.Constant) and isinstance(index.value, int) and not isinstance(index.value, bool)
