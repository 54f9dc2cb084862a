# tool: pytest
# tried: fixtures, parameters, monkeypatch, capsys, rewritten asserts in a report
# version: env/bin/pytest --version | cut -d' ' -f2
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet pytest
cat > test_sample.py <<'PY'
import os, pytest

@pytest.fixture
def lines(tmp_path):
    path = tmp_path / 'x'
    path.write_text('a\nb')
    return path.read_text().split()

@pytest.mark.parametrize('n', range(5))
def test_number(n):
    assert n * 2 == n + n

def test_fixture(lines):
    assert lines == ['a', 'b']

def test_raises():
    with pytest.raises(ZeroDivisionError, match='division'):
        1 / 0

def test_environment(monkeypatch, capsys):
    monkeypatch.setenv('ABC', '1')
    print(os.environ['ABC'])
    assert capsys.readouterr().out == '1\n'

def test_fails():
    assert [1, 2, 3] == [1, 2, 4]
PY
env/bin/pytest -q test_sample.py > out || test $? = 1
grep -q 'At index 2 diff: 3 != 4' out
grep -q '1 failed, 8 passed' out
env/bin/python -m pytest -q test_sample.py -k 'not fails'
