# Node classes: constructors, warnings, repr, replacing, pickling; refusals of compile().
import ast
import copy
import pickle
import warnings

warnings.simplefilter("error")


def attempt(text, **names):
    try:
        print(text, "->", eval(text, globals(), names))
    except Exception as error:
        print(text, type(error).__name__, error)


for text in ("ast.Name('a').ctx", "ast.Name(1, 2, 3)", "ast.Name('a', id='b')", "ast.Name(foo=1)", "ast.Name()", "ast.Constant(1).kind",
             "ast.arguments().defaults", "ast.AST(1)", "ast.Name.__match_args__", "ast.BinOp._fields", "ast.stmt._attributes", "ast.Return.value",
             "ast.expr_context.__doc__", "ast.mod.__doc__", "ast.BinOp.__doc__", "ast.Name._field_types", "ast.Return._field_types",
             "ast.parse('f(1, 2, 3)').body[0]", "ast.Load()", "copy.replace(ast.Name('x'), id='y')", "copy.replace(ast.Name('x'), foo=1)",
             "ast.Name('x').__replace__(1)", "ast.Name('x').__reduce_ex__(2)", "ast.dump(pickle.loads(pickle.dumps(ast.parse('a + 1'))))"):
    attempt(text)


def refuse(*body, mode="exec"):
    node = ast.fix_missing_locations(ast.Module(list(body), []))
    try:
        compile(node, "f", mode)
    except Exception as error:
        print(type(error).__name__, error)


load, store = ast.Load(), ast.Store()
refuse(ast.Expr(ast.Name("None", load)))
refuse(ast.Expr(ast.Name("x", store)))
refuse(ast.Assign([ast.Name("x", load)], ast.Constant(1)))
refuse(ast.Assign([], ast.Constant(1)))
refuse(ast.Expr(ast.BinOp(ast.Constant(1), ast.Name("x"), ast.Constant(1))))
refuse(ast.Expr(ast.BoolOp(ast.And(), [ast.Constant(1)])))
refuse(ast.Expr(ast.Dict([ast.Constant(1)], [])))
refuse(ast.Expr(None))
refuse(ast.Name("x"))
refuse(ast.Global([]))
refuse(ast.If(ast.Constant(1), [], []))
refuse(ast.Try([ast.Pass()], [], [], []))
refuse(ast.Expr(ast.Constant([1])))
refuse(ast.Pass(), mode="eval")
for node in (ast.Module([ast.Pass()], []), ast.Module(1, []), ast.Module([ast.Pass(lineno=2, col_offset=0, end_lineno=1)], [])):
    try:
        compile(node, "f", "exec")
    except Exception as error:
        print(type(error).__name__, error)
