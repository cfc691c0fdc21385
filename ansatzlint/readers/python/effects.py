"""What a statement binds, mutates and needs; which names may hold one another."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache

from ansatzlint.readers.python.syntax import (
    BUILTINS,
    DISPLAY,
    Definition,
    FunctionNode,
    Syntax,
    free_names,
    loads,
    names_in,
    parameters_of,
    simple_name,
    stores_in,
    walk_scope,
)

_OUTPUT = re.compile(
    r"^(_*(print|pprint|show|plot|draw|display|save|write|dump|export|log|summary|close|flush|sleep|mkdir|makedirs|"
    r"remove|unlink|rename|rmtree|imshow|legend|title|grid|hist|scatter|figure|tight_layout|to_csv|to_json|"
    r"to_pickle|to_excel|info|debug|warning|error|critical|add_scalar|render|clear_output)(_|\b)|"
    r"(savefig|savetxt|savez|copyfile|copytree|set_x|set_y|set_title|set_postfix|set_description|axhline|axvline|"
    r"xlabel|ylabel|xlim|ylim|xticks|yticks|subplots|writerow)|"
    r"(plot|draw|save|show|print|write|dump)[a-zA-Z]*$)"
)
_PROCESS = frozenset(["system", "run", "call", "check_call", "check_output", "Popen"])
_MUTATORS = frozenset(
    ["append", "extend", "insert", "pop", "popitem", "add", "update", "remove", "sort", "seed", "shuffle", "setdefault",
     "clear", "fill", "discard", "reverse", "appendleft", "popleft", "setflags", "put", "resize", "manual_seed"]
)  # fmt: skip


@dataclass(frozen=True)
class Effects:
    """The names that a simple statement binds, mutates and needs; `always` says that it shapes the environment."""

    binds: frozenset[str]
    mutates: frozenset[str]
    needs: frozenset[str]
    always: bool = False


def is_exit(syntax: Syntax, call: ast.Call) -> bool:
    """Whether the call ends the program."""
    func = call.func
    return syntax.dotted(func) in ("sys.exit", "os._exit", "os.abort") or (
        isinstance(func, ast.Name) and func.id in ("exit", "quit")
    )


def is_output(syntax: Syntax, call: ast.Call) -> bool:
    """Whether the call, as a statement of its own, only shows or writes something."""
    func = call.func
    if isinstance(func, ast.Name):
        if func.id in syntax.aliases:
            name = syntax.aliases[func.id]
            return name.partition(".")[0] in DISPLAY or bool(_OUTPUT.match(name.rpartition(".")[2]))
        return func.id in ("print", "display", "input", "help") or (
            func.id not in syntax.functions and bool(_OUTPUT.match(func.id))
        )
    if not isinstance(func, ast.Attribute):
        return False
    name = syntax.dotted(func) or ""
    if name.partition(".")[0] in DISPLAY:
        return True
    if name and func.attr in _PROCESS:
        return True
    return bool(_OUTPUT.match(func.attr)) and func.attr not in syntax.functions


class Names:
    """Effects of statements and relations between names in one document."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self.functions = {name: list(nodes) for name, nodes in syntax.functions.items()}
        self._holds: dict[str, set[str]] = {}
        for unit in syntax.document.units:
            for node in ast.walk(unit.tree):
                self._note_holding(node)
        self._reach: dict[str, frozenset[str]] = {}
        self._deferred: dict[str, frozenset[str]] = {}
        self.effects = cache(self._effects)
        self.free = cache(free_names)
        self._changes = cache(self._function_changes)

    def replace_function(self, old: ast.AST, new: ast.AST) -> None:
        """Let a sliced definition stand for the original one."""
        for nodes in self.functions.values():
            for index, node in enumerate(nodes):
                if node is old:
                    nodes[index] = new
        self._deferred.clear()

    # -- relations between names

    def _note_holding(self, node: ast.AST) -> None:
        pairs: list[tuple[ast.expr, ast.AST]] = []
        match node:
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                pairs = [(target, value)]
            case ast.AugAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                pairs = [(target, value)]
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                pairs = [(target, value)]
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                pairs = [(target, value)]
            case ast.Call(func=ast.Attribute(value=owner), args=arguments, keywords=keywords):
                pairs = [(owner, value) for value in [*arguments, *(k.value for k in keywords)]]
        for target, held_value in pairs:
            held = {n for n in names_in(held_value) if n not in BUILTINS and n not in self.syntax.aliases}
            targets = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            # what a view of something, or an object made from it, changes is the thing itself
            shared = isinstance(held_value, ast.Name | ast.Attribute | ast.Subscript) or (
                isinstance(held_value, ast.Call)
                and isinstance(held_value.func, ast.Name)
                and any(isinstance(f, ast.ClassDef) for f in self.functions.get(held_value.func.id, ()))
            )
            for item in targets:
                name = simple_name(item)
                if name and name not in self.syntax.aliases:
                    self._holds.setdefault(name, set()).update(held - {name})
                    for other in held - {name} if shared else ():
                        if other not in self.functions:
                            self._holds.setdefault(other, set()).add(name)

    def reach(self, name: str) -> frozenset[str]:
        """The name and everything that its value may hold a reference to."""
        found = self._reach.get(name)
        if found is None:
            seen = {name}
            stack = [name]
            while stack:
                for held in self._holds.get(stack.pop(), ()):
                    if held not in seen:
                        seen.add(held)
                        stack.append(held)
            found = self._reach[name] = frozenset(seen)
        return found

    def deferred(self, name: str) -> frozenset[str]:
        """The names that using the value of `name` may look up later, in functions that it is or holds."""
        found = self._deferred.get(name)
        if found is None:
            seen: set[str] = set()
            stack = [name]
            visited: set[str] = set()
            while stack:
                current = stack.pop()
                if current in visited:
                    continue
                visited.add(current)
                for held in self.reach(current):
                    for node in self.functions.get(held, ()):
                        free = self.free(node)
                        new = (free - BUILTINS | (free & self.functions.keys())) - seen
                        seen |= new
                        stack.extend(new)
            found = self._deferred[name] = frozenset(seen)
        return found

    def expand(self, names: frozenset[str] | set[str]) -> set[str]:
        """The names with all that using their values looks up."""
        found = set(names)
        for name in names:
            found |= self.deferred(name)
        return found

    # -- effects

    def _effects(self, statement: ast.stmt) -> Effects:
        syntax = self.syntax
        binds = set(stores_in(statement))
        mutates: set[str] = set()
        always = False
        bare = statement.value if isinstance(statement, ast.Expr) else None
        for node in walk_scope(statement):
            match node:
                case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                    root = simple_name(node)
                    if root:
                        mutates.add(root)
                        always |= (syntax.dotted(_unsubscripted(node)) or "").startswith("os.environ")
                case ast.AugAssign(target=target):
                    root = simple_name(target)
                    if root:
                        mutates.add(root)
                case ast.Call():
                    mutates |= self._call_mutates(node, node is bare)
                    always |= (syntax.dotted(node.func) or "").startswith("sys.path.")
                case ast.ImportFrom(names=[ast.alias(name="*")], module=module):
                    always = (module or "").partition(".")[0] not in DISPLAY  # any name may come from it
        if isinstance(statement, Definition):
            needs = self.free(statement)
        else:
            needs = loads(statement)
        return Effects(frozenset(binds), frozenset(mutates), frozenset(needs), always)

    def _call_mutates(self, call: ast.Call, bare: bool) -> set[str]:
        syntax = self.syntax
        if bare and is_output(syntax, call):
            return set()
        arguments = [*call.args, *(k.value for k in call.keywords)]
        roots = [simple_name(a.value if isinstance(a, ast.Starred) else a) for a in arguments]
        found: set[str] = set()
        func = call.func
        name = simple_name(func)
        known = self.functions.get(func.id if isinstance(func, ast.Name) else getattr(func, "attr", ""), ())
        for node in known:
            changed, outside = self._changes(node)
            found |= outside
            parameters = parameters_of(node) if isinstance(node, FunctionNode) else ()
            offset = 1 if isinstance(func, ast.Attribute) and parameters[:1] in (("self",), ("cls",)) else 0
            for position, root in enumerate(roots[: len(call.args)]):
                if root and position + offset < len(parameters) and parameters[position + offset] in changed:
                    found.add(root)
            for keyword in call.keywords:
                root = simple_name(keyword.value)
                if root and keyword.arg in changed:
                    found.add(root)
            if offset and name and parameters[0] in changed:
                found.add(name)
        if isinstance(func, ast.Attribute):
            if name and (bare or func.attr in _MUTATORS):
                found.add(name)
                if syntax.dotted(func) and not known:  # numpy.random.shuffle(x), heapq.heappush(x, y)
                    found.update(r for r in roots if r and r not in syntax.aliases)
        elif bare and not known:
            found.update(r for r in roots if r)
        return found - BUILTINS

    def _function_changes(self, node: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
        """(parameters that calling the function mutates, names around it that it binds or mutates)."""
        if not isinstance(node, FunctionNode):
            return frozenset(), frozenset()
        parameters = frozenset(parameters_of(node))
        declared: set[str] = set()
        touched: set[str] = set()
        bound: set[str] = set(parameters)
        for statement in node.body:
            bound |= stores_in(statement)
            for child in walk_scope(statement):
                match child:
                    case ast.Global(names=names) | ast.Nonlocal(names=names):
                        declared.update(names)
                    case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                        touched.add(simple_name(child) or "")
                    case ast.AugAssign(target=ast.Name(id=name)):
                        touched.add(name)
                    case ast.Expr(value=ast.Call(func=ast.Attribute() as func) as call):
                        if not is_output(self.syntax, call):
                            touched.add(simple_name(func) or "")
                    case ast.Call(func=ast.Attribute(attr=attr) as func) if attr in _MUTATORS:
                        touched.add(simple_name(func) or "")
        outside = (touched - (bound - declared)) | (declared & bound)
        return parameters & touched, frozenset(outside - self.syntax.aliases.keys() - {""})


def _unsubscripted(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node
