"""What a syntax tree tells without running: imports, names, and which of them stand for circuits."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from ansatzlint.readers.python.document import Document, Unit

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

LIBRARIES = ("pennylane", "qiskit")
BUILTINS = frozenset(dir(builtins))
DISPLAY = frozenset(["matplotlib", "pylab", "IPython", "seaborn", "plotly", "ipywidgets", "bokeh", "altair"])
"""Libraries that only show things; missing ones become placeholders."""

_CONSUMERS = frozenset(
    ["step", "step_and_cost", "minimize", "minimise", "fit", "train", "optimize", "predict", "score", "draw", "specs"]
)
_QISKIT_FACTORIES = frozenset(
    ["efficient_su2", "real_amplitudes", "n_local", "pauli_two_design", "excitation_preserving", "qaoa_ansatz",
     "evolved_operator_ansatz", "hamiltonian_variational_ansatz", "zz_feature_map", "z_feature_map",
     "pauli_feature_map", "iqp", "unitary_overlap", "TwoLocal", "NLocal", "EfficientSU2", "RealAmplitudes",
     "ExcitationPreserving", "PauliTwoDesign", "QAOAAnsatz", "EvolvedOperatorAnsatz", "ZZFeatureMap", "ZFeatureMap",
     "PauliFeatureMap", "QuantumCircuit", "random_circuit"]
)  # fmt: skip


def simple_name(node: ast.expr) -> str | None:
    """The name at the root of `a.b[c].d()`: "a"; None where there is none."""
    while True:
        match node:
            case ast.Name(id=name):
                return name
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
                node = inner
            case ast.Call(func=inner):
                node = inner
            case _:
                return None


def names_in(node: ast.AST) -> frozenset[str]:
    """Every name loaded anywhere in the node, nested functions included."""
    return frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def stores_in(node: ast.AST) -> frozenset[str]:
    """The names that running the node binds in its own scope."""
    found: set[str] = set()
    for child in walk_scope(node):
        match child:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found.update((a.asname or a.name.partition(".")[0]) for a in aliases)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
    return frozenset(found)


def walk_scope(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what lies in it, without the bodies of functions and classes and without comprehensions'
    targets; of a definition it gives the node itself and its decorators."""
    stack: list[ast.AST] = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Definition | ast.Lambda):
            if isinstance(current, Definition):
                stack.extend(current.decorator_list)
            continue
        if isinstance(current, ast.comprehension):
            stack.extend([current.iter, *current.ifs])
            continue
        stack.extend(ast.iter_child_nodes(current))


def parameters_of(node: FunctionNode | ast.Lambda) -> tuple[str, ...]:
    """All parameter names of a function, in order."""
    a = node.args
    every = [*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs, *([a.kwarg] if a.kwarg else [])]
    return tuple(argument.arg for argument in every)


def free_names(node: ast.AST) -> frozenset[str]:
    """The names that a function, class or lambda takes from around it when it is defined or called."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            outside: set[str] = set()
            arguments = node.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
            annotations = [node.returns, *(a.annotation for a in every if a is not None)]
            for part in [*node.decorator_list, *arguments.defaults, *arguments.kw_defaults, *annotations]:
                outside |= names_in(part) if part is not None else frozenset()
            local = set(parameters_of(node))
            inside: set[str] = set()
            for statement in node.body:
                local |= stores_in(statement)
                inside |= _loads(statement)
            declared = {
                name
                for child in ast.walk(node)
                if isinstance(child, ast.Global | ast.Nonlocal)
                for name in child.names
            }
            return frozenset(outside | (inside - (local - declared)))
        case ast.Lambda():
            return _loads(node.body) - set(parameters_of(node))
        case ast.ClassDef():
            found: set[str] = set()
            for base in [*node.bases, *node.decorator_list, *(k.value for k in node.keywords)]:
                found |= names_in(base)
            for statement in node.body:
                found |= _loads(statement)
            return frozenset(found)
    return _loads(node)


def _loads(node: ast.AST) -> frozenset[str]:
    """Names loaded in the node's own scope, and those that nested functions take from it."""
    found: set[str] = set()
    for child in walk_scope(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load):
            found.add(child.id)
        elif isinstance(child, ast.AugAssign) and isinstance(child.target, ast.Name):
            found.add(child.target.id)
        elif child is not node and isinstance(child, Definition | ast.Lambda):
            found |= free_names(child)
    if isinstance(node, Definition | ast.Lambda):
        return free_names(node)
    return frozenset(found)


loads = _loads


@dataclass(frozen=True)
class Site:
    """A place where a QNode is made: the function's definition or the call, and the function it stands in."""

    name: str
    unit: Unit
    node: ast.AST
    inside: str | None
    span: tuple[int, int]


@dataclass(frozen=True)
class Syntax:
    """Facts about a document's names.

    `circuits` are names, `attributes` attribute names that stand for circuits, for what makes them or for what
    calls them; `valued` are those whose call gives numbers rather than a circuit.
    """

    document: Document
    aliases: dict[str, str]
    stars: frozenset[str]
    functions: dict[str, list[ast.AST]]
    sites: tuple[Site, ...]
    circuits: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    valued: frozenset[str] = frozenset()
    quantum_functions: frozenset[str] = field(default=frozenset())

    def dotted(self, node: ast.AST) -> str | None:
        """`qml.templates.X` as "pennylane.templates.X"; None if the root is no imported name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        root = self.aliases.get(node.id)
        if root is None:
            if parts or node.id in BUILTINS or not self.stars or node.id in self.functions:
                return None
            root = f"{min(self.stars)}.{node.id}"
        return ".".join([root, *reversed(parts)])

    def is_qnode_maker(self, node: ast.AST) -> bool:
        """Whether the expression is `qml.qnode`, `qml.QNode` or a partial application of it."""
        match node:
            case ast.Name() | ast.Attribute():
                name = self.dotted(node) or ""
                return name.startswith("pennylane") and name.rpartition(".")[2] in ("qnode", "QNode")
            case ast.Call(func=func, args=arguments):
                if (self.dotted(func) or "").endswith("partial") and arguments:
                    return self.is_qnode_maker(arguments[0])
                return self.is_qnode_maker(func) and (self.dotted(func) or "").endswith("qnode")
        return False

    def is_circuit_maker(self, node: ast.AST) -> bool:
        """Whether the call makes a QNode or a Qiskit circuit."""
        if not isinstance(node, ast.Call):
            return False
        if self.is_qnode_maker(node.func):
            return True
        name = self.dotted(node.func) or ""
        return name.startswith("qiskit") and any(part in _QISKIT_FACTORIES for part in name.split(".")[1:])

    def is_quantum(self, node: FunctionNode) -> bool:
        """Whether a QNode is made of the function, as far as its decorators and its name tell."""
        if any(self.is_qnode_maker(d) for d in node.decorator_list):
            return True
        return node.name in self.quantum_functions and not self.makes(node)

    def is_sized_factory(self, node: FunctionNode) -> bool:
        """Whether the function is no circuit itself and declares, by its decorator, sizes to build circuits at."""
        return not self.is_quantum(node) and any(
            isinstance(d, ast.Call)
            and (self.dotted(d.func) or "") in ("ansatzlint.ansatz", "ansatzlint.declaration.ansatz")
            and any(keyword.arg in ("sizes", None) for keyword in d.keywords)
            for d in node.decorator_list
        )

    @cached_property
    def has_qiskit(self) -> bool:
        return any(name.split(".")[0].startswith("qiskit") for name in [*self.aliases.values(), *self.stars])

    def makes(self, node: ast.AST) -> bool:
        """Whether a circuit is made anywhere in the node."""
        for child in ast.walk(node):
            if self.is_circuit_maker(child):
                return True
            if isinstance(child, FunctionNode) and any(self.is_qnode_maker(d) for d in child.decorator_list):
                return True
        return False

    def touches(self, node: ast.AST) -> frozenset[str]:
        """The circuit names (attributes with a leading dot) that the node mentions outside nested functions."""
        found: set[str] = set()
        for child in walk_scope(node):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load) and child.id in self.circuits:
                found.add(child.id)
            elif isinstance(child, ast.Attribute) and child.attr in self.attributes and self.dotted(child) is None:
                found.add("." + child.attr)
            elif isinstance(child, ast.Lambda) and child is not node:
                found |= self.touches(child.body)
        return frozenset(found)

    def calls_circuit(self, node: ast.AST) -> bool:
        """Whether a call in the node has a circuit as what is called or as an argument."""
        return any(isinstance(child, ast.Call) and self.touches(child) for child in walk_scope(node))


def analyse(document: Document) -> Syntax:
    """The facts about a document."""
    aliases: dict[str, str] = {}
    stars: set[str] = set()
    functions: dict[str, list[ast.AST]] = {}
    for unit in document.units:
        for node in ast.walk(unit.tree):
            match node:
                case ast.Import(names=names):
                    for alias in names:
                        root = alias.name.partition(".")[0]
                        aliases[alias.asname or root] = alias.name if alias.asname else root
                case ast.ImportFrom(module=str(module), names=names, level=0):
                    for alias in names:
                        if alias.name == "*":
                            stars.add(module)
                        else:
                            aliases[alias.asname or alias.name] = f"{module}.{alias.name}"
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    functions.setdefault(name, []).append(node)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as value):
                    functions.setdefault(name, []).append(value)
    library_stars = frozenset(s for s in stars if s.partition(".")[0] in LIBRARIES)
    plain = Syntax(document, aliases, library_stars, functions, ())
    sites = tuple(site for unit in document.units for site in _sites(plain, unit))
    return _with_circuits(Syntax(document, aliases, library_stars, functions, sites))


def imports_library(document: Document) -> frozenset[str]:
    """Which of PennyLane and Qiskit the document imports, at any depth."""
    found: set[str] = set()
    for unit in document.units:
        for node in ast.walk(unit.tree):
            modules: Iterable[str] = ()
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            for module in modules:
                root = module.partition(".")[0]
                found.update(library for library in LIBRARIES if root == library or root.startswith(library + "_"))
    return frozenset(found)


def _sites(syntax: Syntax, unit: Unit) -> Iterator[Site]:
    def visit(node: ast.AST, inside: str | None, bound: str | None) -> Iterator[Site]:
        if isinstance(node, FunctionNode):
            if any(syntax.is_qnode_maker(d) for d in node.decorator_list):
                first = min([d.lineno for d in node.decorator_list] + [node.lineno])
                yield Site(node.name, unit, node, inside, (first, node.lineno))
            for statement in node.body:
                yield from visit(statement, node.name, None)
            return
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            bound = target.id if isinstance(target, ast.Name) else getattr(target, "attr", None)
        if isinstance(node, ast.Call) and syntax.is_qnode_maker(node.func) and not _is_decorator_factory(syntax, node):
            name = bound or (simple_name(node.args[0]) if node.args else None) or "circuit"
            yield Site(name, unit, node, inside, (node.lineno, node.end_lineno or node.lineno))
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside, bound)

    yield from visit(unit.tree, None, None)


def _is_decorator_factory(syntax: Syntax, node: ast.Call) -> bool:
    # qml.qnode(dev) alone makes no QNode; what it is applied to does
    return (syntax.dotted(node.func) or "").endswith(".qnode")


def _with_circuits(syntax: Syntax) -> Syntax:
    circuits: set[str] = set()
    attributes: set[str] = set()
    valued: set[str] = set()
    quantum: set[str] = set()
    nodes = [node for unit in syntax.document.units for node in ast.walk(unit.tree)]
    methods = {
        id(child): owner.name for owner in nodes if isinstance(owner, ast.ClassDef) for child in owner.body
    }
    for node in nodes:
        if isinstance(node, FunctionNode) and any(syntax.is_qnode_maker(d) for d in node.decorator_list):
            valued.add(node.name)
            quantum.add(node.name)
            if id(node) in methods:
                circuits.add(methods[id(node)])
                attributes.add(node.name)
            else:
                circuits.add(node.name)
        elif isinstance(node, ast.Call) and syntax.is_qnode_maker(node.func) and node.args:
            name = simple_name(node.args[0])
            if name:
                quantum.add(name)
    named = replace(syntax, quantum_functions=frozenset(quantum))
    circuits.update(
        node.name for node in nodes
        if isinstance(node, FunctionNode) and id(node) not in methods and named.is_sized_factory(node)
    )  # fmt: skip
    mentions = {id(node): _mentions(syntax, node) for node in nodes if isinstance(node, FunctionNode)}
    while True:
        before = (len(circuits), len(attributes), len(valued))
        current = Syntax(
            syntax.document, syntax.aliases, syntax.stars, syntax.functions, syntax.sites,
            frozenset(circuits), frozenset(attributes), frozenset(valued), frozenset(quantum),
        )  # fmt: skip
        for node in nodes:
            if isinstance(node, FunctionNode):
                names, members, makes = mentions[id(node)]
                if node.name in quantum or not (makes or names & circuits or members & attributes):
                    continue
                method = id(node) in methods
                if method:
                    circuits.add(methods[id(node)])
                if not (node.name.startswith("__") and node.name.endswith("__")):
                    (attributes if method else circuits).add(node.name)
                    if not makes and not _returns_callable(current, node):
                        valued.add(node.name)
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and node.value:
                kind = yields(current, node.value)
                if kind is None:
                    continue
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in _flat(targets):
                    if isinstance(target, ast.Attribute):
                        attributes.add(target.attr)
                        if kind == "valued":
                            valued.add(target.attr)
                    else:
                        name = simple_name(target)
                        if name:
                            circuits.add(name)
                            if kind == "valued":
                                valued.add(name)
            elif isinstance(node, ast.For | ast.comprehension) and yields(current, node.iter):
                for target in _flat([node.target]):
                    name = simple_name(target)
                    if name:
                        circuits.add(name)
        if before == (len(circuits), len(attributes), len(valued)):
            return current


def _mentions(syntax: Syntax, node: FunctionNode) -> tuple[frozenset[str], frozenset[str], bool]:
    """(names, attributes of no library, whether a circuit is made) in a function and in those nested in it."""
    children = [child for statement in node.body for child in ast.walk(statement)]
    return (
        frozenset(c.id for c in children if isinstance(c, ast.Name) and isinstance(c.ctx, ast.Load)),
        frozenset(c.attr for c in children if isinstance(c, ast.Attribute) and syntax.dotted(c) is None),
        syntax.makes(node),
    )


def _flat(targets: Iterable[ast.expr]) -> Iterator[ast.expr]:
    for target in targets:
        if isinstance(target, ast.Tuple | ast.List):
            yield from _flat(target.elts)
        elif isinstance(target, ast.Starred):
            yield target.value
        else:
            yield target


def _returns_callable(syntax: Syntax, node: FunctionNode) -> bool:
    nested = {child.name for child in node.body if isinstance(child, FunctionNode)}
    for child in (child for statement in node.body for child in walk_scope(statement)):
        if isinstance(child, ast.Return) and child.value is not None:
            if isinstance(child.value, ast.Lambda) or yields(syntax, child.value):
                return True
            if any(isinstance(n, ast.Name) and n.id in nested for n in [child.value, *_elements(child.value)]):
                return True
    return False


def _elements(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple | ast.List) else []


def yields(syntax: Syntax, node: ast.expr) -> str | None:
    """Whether the expression's value holds a circuit or calls one: "valued" for something that gives numbers when
    it is called, "circuit" otherwise, None for neither."""
    match node:
        case ast.Name(id=name):
            if name not in syntax.circuits:
                return None
            return "valued" if name in syntax.valued else "circuit"
        case ast.Attribute(attr=attr):
            if attr in syntax.attributes and syntax.dotted(node) is None:
                return "valued" if attr in syntax.valued else "circuit"
            return None
        case ast.Call(func=func, args=arguments, keywords=keywords):
            if syntax.is_circuit_maker(node):
                return "valued" if syntax.is_qnode_maker(func) else "circuit"
            inner = [yields(syntax, a) for a in [*arguments, *(k.value for k in keywords)]]
            if isinstance(func, ast.Call) and syntax.is_qnode_maker(func):
                return "valued"
            if isinstance(func, ast.Call) and yields(syntax, func):
                return None
            last = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
            if last in _CONSUMERS and syntax.dotted(func) not in ("pennylane.draw", "pennylane.specs"):
                return None
            called = yields(syntax, func)
            if called == "valued":
                return None
            if called is None and isinstance(func, ast.Attribute):
                called = yields(syntax, func.value)
                if called == "valued":
                    return None
            if called is not None:
                return "circuit"
            return "valued" if any(inner) else None
        case ast.Lambda(body=body):
            return "valued" if syntax.touches(body) else None
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return "circuit" if any(yields(syntax, e) for e in elements) else None
        case ast.Dict(values=values):
            return "circuit" if any(yields(syntax, v) for v in values) else None
        case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
            return "circuit" if yields(syntax, element) else None
        case ast.DictComp(value=element):
            return "circuit" if yields(syntax, element) else None
        case ast.IfExp(body=a, orelse=b):
            return yields(syntax, a) or yields(syntax, b)
        case ast.BoolOp(values=values):
            return next((kind for v in values if (kind := yields(syntax, v))), None)
        case ast.Subscript(value=inner_value) | ast.Starred(value=inner_value) | ast.Await(value=inner_value):
            return yields(syntax, inner_value)
        case ast.NamedExpr(value=inner_value):
            return yields(syntax, inner_value)
    return None
