# tool: sqlalchemy, httpx, pyyaml, networkx, bs4, black, pylint, flake8, sphinx
# tried: installed together; a query, a document, a graph; files formatted and checked
# version: env/bin/pip list --format=freeze | grep -i -e ^sqlalchemy= | cut -d= -f3
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet sqlalchemy httpx pyyaml networkx beautifulsoup4 attrs tqdm black pylint flake8 isort sphinx
env/bin/python - <<'PY'
from sqlalchemy import Column, Integer, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Session
class Base(DeclarativeBase): pass
class User(Base):
    __tablename__ = 'users'
    id = Column(Integer, primary_key=True)
    name = Column(String)
engine = create_engine('sqlite://')
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add_all([User(name='x'), User(name='y')])
    session.commit()
    assert [user.name for user in session.scalars(select(User))] == ['x', 'y']
import attrs, bs4, httpx, networkx, tqdm, yaml
assert networkx.shortest_path(networkx.path_graph(5), 0, 4) == [0, 1, 2, 3, 4]
assert bs4.BeautifulSoup('<a href=x>y</a>', 'html.parser').a['href'] == 'x'
assert yaml.safe_load('a: [1, 2]') == {'a': [1, 2]}
PY
echo 'x  =  {  "a":1 }' > b.py
env/bin/black -q b.py
test "$(cat b.py)" = 'x = {"a": 1}'
env/bin/flake8 b.py
env/bin/isort -q b.py
env/bin/pylint --score=n --disable=all --enable=E b.py
env/bin/sphinx-quickstart -q -p p -a a -v 1 docs > out 2>&1 && env/bin/sphinx-build -q docs html > out 2>&1 || { cat out; exit 1; }
test -f html/index.html
