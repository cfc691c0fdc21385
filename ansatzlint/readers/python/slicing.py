"""The backward slice of a document: which statements must run so that its circuits come into being.

Only whole statements are dropped, never parts of one. A kept statement at the top level, or in a function that
stands for a program of its own (`main`, a factory), is guarded: the worker hears before and after it, so that one
statement may end early while the next ones still run.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field

from ansatzlint.readers.python.document import Document, Unit
from ansatzlint.readers.python.effects import Names, is_exit, is_output
from ansatzlint.readers.python.syntax import (
    Definition,
    FunctionNode,
    Syntax,
    free_names,
    loads,
    names_in,
    parameters_of,
    stores_in,
    walk_scope,
    yields,
)

SCOPE = "__ansatzlint_scope__"
GUARD = "__ansatzlint_guard__"

_Loop = ast.For | ast.While | ast.AsyncFor
_Suite = ast.With | ast.AsyncWith


@dataclass(frozen=True)
class Step:
    """A guarded statement: what it needs and binds, which circuit names it mentions, where it stands.

    `binds` are names that it stores, `mutates` those whose values it changes; a `compound` statement's parts are
    guarded themselves. `calls_only` says that it binds nothing that stands for a circuit, `returns` that it may
    leave its function.
    """

    unit: Unit
    line: int
    needs: frozenset[str]
    binds: frozenset[str]
    mutates: frozenset[str]
    touches: frozenset[str]
    calls_only: bool
    returns: bool
    compound: bool


@dataclass(frozen=True)
class Slice:
    """The modules to run, one a unit, in order; the steps that their guards refer to."""

    modules: tuple[tuple[Unit, ast.Module], ...]
    steps: tuple[Step, ...]
    names: Names = field(compare=False)


def slice_document(document: Document, syntax: Syntax) -> Slice:
    """The slice of all circuits of a document."""
    slicer = _Slicer(document, syntax)
    return slicer.run()


class _Slicer:
    def __init__(self, document: Document, syntax: Syntax) -> None:
        self.document = document
        self.syntax = syntax
        self.names = Names(syntax)
        self.kept: set[int] = set()
        self.steps: list[Step] = []
        self.replaced: dict[int, ast.stmt] = {}
        self.reduced: dict[int, ast.stmt] = {}
        self.unit = document.units[0]

    def run(self) -> Slice:
        drivers = self._drivers()
        for unit in self.document.units:
            self.unit = unit
            for node in ast.walk(unit.tree):
                if isinstance(node, FunctionNode):
                    node.body = self._without_output(node.body)
        for unit in self.document.units:
            self.unit = unit
            here = {id(node) for node in ast.walk(unit.tree)} if drivers else set()
            for node in drivers:
                if id(node) in here:
                    self._slice_function(node)
        wanted = self.names.expand(self._argument_names())
        statements = [statement for _, statement in self.document.statements()]
        self._mark(statements, wanted, False)
        modules = []
        for unit in self.document.units:
            self.unit = unit
            body = self._build(unit.tree.body, True)
            module = ast.Module(body=body, type_ignores=[])
            modules.append((unit, ast.fix_missing_locations(module)))
        return Slice(tuple(modules), tuple(self.steps), self.names)

    # -- functions

    def _drivers(self) -> list[ast.FunctionDef]:
        """Functions that are programs of their own: they make circuits, or are called for their effects alone."""
        passed: set[str] = set()
        called: set[str] = {"main"}
        for unit in self.document.units:
            functions = {id(n.func) for n in ast.walk(unit.tree) if isinstance(n, ast.Call)}
            for node in ast.walk(unit.tree):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in functions:
                    passed.add(node.id)
                elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                    called.update([node.value.func.id] if isinstance(node.value.func, ast.Name) else [])
        whole = self._run_whole()
        found: list[ast.FunctionDef] = []
        stack: list[ast.stmt] = [statement for _, statement in self.document.statements()]
        while stack:
            statement = stack.pop()
            if isinstance(statement, ast.If | ast.Try | ast.With):
                stack.extend(child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt))
            if not isinstance(statement, ast.FunctionDef) or statement.name not in self.syntax.circuits:
                continue
            if statement.name in self.syntax.quantum_functions or statement.name in passed:
                continue
            if statement.name in whole:
                continue
            if any(isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in ast.walk(statement)):
                continue
            if self.syntax.makes(statement) or statement.name in called:
                found.append(statement)
        return sorted(found, key=lambda node: node.lineno)

    def _run_whole(self) -> frozenset[str]:
        """Functions that build circuits at declared sizes, and what they call: run as they are, or not at all."""
        syntax = self.syntax
        nodes = [node for unit in self.document.units for node in ast.walk(unit.tree)]
        found = {node.name for node in nodes if isinstance(node, FunctionNode) and syntax.is_sized_factory(node)}
        fresh = set(found)
        while fresh:
            bodies = [node for name in fresh for node in syntax.functions.get(name, ())]
            fresh = {name for body in bodies for name in names_in(body) if name in syntax.functions} - found
            found |= fresh
        return frozenset(found)

    def _slice_function(self, node: ast.FunctionDef) -> None:
        self._mark(node.body, set(), True)
        new = copy.copy(node)
        new.body = self._build(node.body, True) or [ast.Pass()]
        enter = ast.parse(f"{GUARD} = {SCOPE}()").body[0]
        leave = ast.parse(f"{GUARD}.leave()").body[0]
        body: list[ast.stmt] = [enter, ast.Try(body=new.body, handlers=[], orelse=[], finalbody=[leave])]
        for statement in body:
            for child in ast.walk(statement):
                if not hasattr(child, "lineno") and isinstance(child, ast.stmt | ast.expr | ast.excepthandler):
                    ast.copy_location(child, node)
        documentation = node.body[:1] if ast.get_docstring(node) is not None else []
        new.body = [*documentation, *body]
        ast.fix_missing_locations(new)
        self.replaced[id(node)] = new
        pruned = copy.copy(node)
        pruned.body = [s for s in node.body if id(s) in self.kept] or [ast.Pass(lineno=node.lineno, col_offset=0)]
        self.names.replace_function(node, pruned)

    def _without_output(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """A function's body without statements that only print, plot or write."""
        found: list[ast.stmt] = []
        for statement in body:
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(call, ast.Call) and is_output(self.syntax, call) and not self.syntax.touches(call):
                found.append(ast.copy_location(ast.Pass(), statement))
                continue
            for name in ("body", "orelse", "finalbody"):
                children = getattr(statement, name, None)
                if isinstance(children, list) and not isinstance(statement, Definition):
                    setattr(statement, name, self._without_output(children))
            found.append(statement)
        return found

    # -- marking, backwards

    def _argument_names(self) -> set[str]:
        """Module-level values that may serve as arguments of a QNode that is never called."""
        found: set[str] = {"weight_shapes", "n_layers", "num_layers", "layers", "depth", "reps", "L"}
        for name in self.syntax.quantum_functions:
            for node in self.names.functions.get(name, ()):
                if isinstance(node, FunctionNode):
                    found.update(parameters_of(node))
        return found

    def _is_anchor(self, statement: ast.stmt) -> bool:
        syntax = self.syntax
        if isinstance(statement, FunctionNode):
            return any(syntax.is_qnode_maker(d) for d in statement.decorator_list) or syntax.is_sized_factory(statement)
        if isinstance(statement, ast.ClassDef):  # its body runs now; what its methods make comes later
            return any(self._is_anchor(child) for child in statement.body if not _is_compound(child))
        if any(syntax.is_circuit_maker(node) for node in walk_scope(statement)):
            return True
        if syntax.calls_circuit(statement):
            return True
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            return yields(syntax, statement.value) is not None
        return False

    def _mark(self, statements: list[ast.stmt], wanted: set[str], in_function: bool, live_loop: bool = False) -> bool:
        """Mark what must run so that `wanted`, which is updated in place to what is needed before, holds after."""
        any_kept = False
        for statement in reversed(statements):
            if self._mark_one(statement, wanted, in_function, live_loop):
                self.kept.add(id(statement))
                any_kept = True
        return any_kept

    def _mark_one(self, statement: ast.stmt, wanted: set[str], in_function: bool, live_loop: bool) -> bool:
        names = self.names
        if isinstance(statement, ast.Return):
            wanted |= names.expand(loads(statement))
            return in_function
        if isinstance(statement, ast.Break | ast.Continue):
            return live_loop
        if isinstance(statement, ast.Global | ast.Nonlocal):
            return True
        if isinstance(statement, ast.If):
            first, second = set(wanted), set(wanted)
            kept = self._mark(statement.body, first, in_function, live_loop)
            kept |= self._mark(statement.orelse, second, in_function, live_loop)
            if kept:
                wanted |= first | second | names.expand(loads(statement.test))
            return kept
        if isinstance(statement, _Loop):
            return self._mark_loop(statement, wanted, in_function)
        if isinstance(statement, _Suite):
            kept = self._mark(statement.body, wanted, in_function, live_loop)
            for item in statement.items:
                if item.optional_vars is not None and wanted & stores_in(item.optional_vars):
                    kept = True
            if kept:
                for item in statement.items:
                    wanted |= names.expand(loads(item.context_expr))
            return kept
        if isinstance(statement, ast.Try) and self._has_anchor(statement):
            kept = self._mark(statement.finalbody, wanted, in_function, live_loop)
            kept |= self._mark(statement.orelse, wanted, in_function, live_loop)
            for handler in statement.handlers:
                inner = set(wanted)
                if self._mark(handler.body, inner, in_function, live_loop):
                    kept = True
                    wanted |= inner
            return self._mark(statement.body, wanted, in_function, live_loop) or kept
        return self._mark_simple(statement, wanted, in_function)

    def _mark_loop(self, statement: ast.For | ast.While | ast.AsyncFor, wanted: set[str], in_function: bool) -> bool:
        names = self.names
        head = statement.test if isinstance(statement, ast.While) else statement.iter
        kept = False
        size = -1
        while len(wanted) != size:
            size = len(wanted)
            inner = set(wanted)
            kept = self._mark(statement.orelse, inner, in_function, False) or kept
            kept = self._mark(statement.body, inner, in_function, kept) or kept
            if not isinstance(statement, ast.While) and wanted & stores_in(statement.target):
                kept = True
            if kept:
                wanted |= inner | names.expand(loads(head))
        if kept:  # once more, now that the loop is known to run
            self._mark(statement.body, set(wanted), in_function, True)
        return kept

    def _mark_simple(self, statement: ast.stmt, wanted: set[str], in_function: bool) -> bool:
        names = self.names
        effects = names.effects(self._reduced(statement))
        anchor = self._is_anchor(statement)
        if not anchor and not effects.always and not effects.binds & wanted:
            outside = frozenset(m for m in effects.mutates if any(m in names.reach(n) for n in wanted))
            if in_function and not outside:
                outside = effects.mutates & self._around(statement)
            if not outside:
                return False
        if not anchor and isinstance(statement, ast.Assign | ast.Import | ast.ImportFrom | Definition):
            wanted -= effects.binds  # an anchor may end before it binds
        wanted |= names.expand(effects.needs)
        return True

    def _around(self, statement: ast.stmt) -> frozenset[str]:
        # in a function, what is mutated may be the caller's: a parameter or a name of the module
        return self._parameters.get(id(statement), frozenset())

    @property
    def _parameters(self) -> dict[int, frozenset[str]]:
        cached = self.__dict__.get("_parameter_cache")
        if cached is None:
            cached = {}
            for unit in self.document.units:
                for node in ast.walk(unit.tree):
                    if isinstance(node, FunctionNode):
                        around = frozenset(parameters_of(node)) | free_names(node) - self.syntax.aliases.keys()
                        for child in ast.walk(node):
                            if isinstance(child, ast.stmt) and child is not node:
                                cached[id(child)] = around
            self.__dict__["_parameter_cache"] = cached
        return cached

    def _has_anchor(self, statement: ast.stmt) -> bool:
        return any(
            isinstance(child, ast.stmt) and not isinstance(child, ast.Try) and self._is_anchor(child)
            for child in walk_scope(statement)
            if child is not statement and not _is_compound(child)
        )

    # -- building

    def _build(self, statements: list[ast.stmt], guarded: bool) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in statements:
            if id(statement) not in self.kept:
                continue
            new = self._build_one(statement, guarded)
            plain = isinstance(statement, ast.Global | ast.Nonlocal) or _is_future(statement)
            found.extend([new] if plain or not guarded else self._guard(statement, new))
        return found

    def _build_one(self, statement: ast.stmt, guarded: bool) -> ast.stmt:
        if id(statement) in self.replaced:
            return self.replaced[id(statement)]
        if isinstance(statement, Definition):
            return statement
        new = copy.copy(statement)
        if isinstance(new, ast.If):
            new.body = self._build(new.body, guarded) or [_pass(statement)]
            new.orelse = self._build(new.orelse, guarded)
        elif isinstance(new, _Loop):
            new.body = self._build(new.body, False) or [_pass(statement)]
            new.orelse = self._build(new.orelse, False)
        elif isinstance(new, _Suite):
            new.body = self._build(new.body, guarded) or [_pass(statement)]
        elif isinstance(new, ast.Try) and self._has_anchor(statement):
            new.body = self._build(new.body, guarded) or [_pass(statement)]
            new.orelse = self._build(new.orelse, guarded)
            new.finalbody = self._build(new.finalbody, guarded)
            new.handlers = [copy.copy(handler) for handler in new.handlers]
            for handler in new.handlers:
                handler.body = self._build(handler.body, guarded) or [_pass(statement)]
        else:
            new = self._reduced(statement)
        return new

    def _reduced(self, statement: ast.stmt) -> ast.stmt:
        """The statement as it will run: of `print(circuit(x))` the call matters, the printing does not."""
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(call, ast.Call) or not _shows(self.syntax, call):
            return statement
        if id(statement) not in self.reduced:
            touching = [a for a in _arguments(call) if self.syntax.touches(a)]
            values = ast.Tuple(elts=touching, ctx=ast.Load())
            new = ast.copy_location(ast.Expr(value=ast.copy_location(values, call)), statement)
            self.reduced[id(statement)] = new if touching else statement
        return self.reduced[id(statement)]

    def _guard(self, statement: ast.stmt, new: ast.stmt) -> list[ast.stmt]:
        index = len(self.steps)
        head: ast.AST = self._reduced(statement)
        if isinstance(statement, ast.If):
            head = statement.test
        elif isinstance(statement, _Suite):
            head = ast.Tuple(elts=[i.context_expr for i in statement.items], ctx=ast.Load())
        elif isinstance(statement, Definition):
            head = ast.Tuple(elts=list(statement.decorator_list), ctx=ast.Load())
        elif isinstance(statement, ast.Try):
            head = ast.Tuple(elts=[], ctx=ast.Load())
        needs = self.names.expand(names_in(head) if isinstance(head, ast.expr) else loads(head))
        line = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
        simple = not isinstance(statement, ast.If | _Suite | ast.Try | Definition)
        self.steps.append(
            Step(
                unit=self.unit,
                line=line,
                needs=frozenset(needs),
                binds=stores_in(statement),
                mutates=self.names.effects(statement).mutates,
                touches=self.syntax.touches(statement) if simple else frozenset(),
                calls_only=simple and self._calls_only(statement),
                returns=any(isinstance(n, ast.Return) for n in walk_scope(statement)),
                compound=isinstance(statement, ast.If | _Suite | ast.Try) and new is not statement,
            )
        )
        template = ast.parse(
            f"while {GUARD}.ready({index}):\n"
            f" try: pass\n"
            f" except BaseException as __ansatzlint_error__: {GUARD}.ended({index}, __ansatzlint_error__)\n"
            f" else: {GUARD}.done({index})"
        ).body[0]
        assert isinstance(template, ast.While)
        for child in ast.walk(template):
            if hasattr(child, "lineno"):
                ast.copy_location(child, statement)
        attempt = template.body[0]
        assert isinstance(attempt, ast.Try)
        attempt.body = [new]
        return [template]

    def _calls_only(self, statement: ast.stmt) -> bool:
        if not self.syntax.calls_circuit(statement):
            return False
        if any(self.syntax.is_circuit_maker(node) for node in walk_scope(statement)):
            return False
        bound = stores_in(statement)
        return not (bound & self.syntax.circuits) and not isinstance(statement, ast.Return)


def _shows(syntax: Syntax, call: ast.Call) -> bool:
    # `sys.exit(main())` as well: what main() makes matters, the exit does not
    return is_output(syntax, call) or is_exit(syntax, call)


def _arguments(call: ast.Call) -> list[ast.expr]:
    plain = [a.value if isinstance(a, ast.Starred) else a for a in call.args]
    return [*plain, *(k.value for k in call.keywords)]


def _pass(statement: ast.stmt) -> ast.stmt:
    return ast.copy_location(ast.Pass(), statement)


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _is_compound(node: ast.AST) -> bool:
    return isinstance(node, ast.If | _Loop | _Suite | ast.Try)
