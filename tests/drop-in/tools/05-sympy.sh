# tool: sympy, rich
# tried: integrals, equations, matrices, 40 digits of pi; a table on the console
# version: env/bin/pip list --format=freeze | grep -e ^sympy= | cut -d= -f3
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet sympy rich
env/bin/python -c '
import sympy as s
x = s.symbols("x")
assert str(s.integrate(s.sin(x)*s.exp(x), x)) == "exp(x)*sin(x)/2 - exp(x)*cos(x)/2"
assert str(s.N(s.pi, 40)).startswith("3.14159265358979323846264338327950288419")
assert s.Matrix([[1, 2], [3, 4]]).det() == -2
from rich.console import Console
from rich.table import Table
table = Table(title="T"); table.add_column("a"); table.add_row("[bold]x[/]"); Console(width=40).print(table)'
