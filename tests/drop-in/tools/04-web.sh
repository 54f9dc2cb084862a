# tool: flask, requests
# tried: an application answers requests on loopback, with templates and JSON
# version: env/bin/pip list --format=freeze | grep -e ^flask= | cut -d= -f3
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet flask requests
cat > app.py <<'PY'
import threading, flask, requests
from werkzeug.serving import make_server

app = flask.Flask(__name__)

@app.get('/hello/<name>')
def hello(name):
    return flask.jsonify(hello=name, x=flask.request.args['x'])

@app.get('/page')
def page():
    return flask.render_template_string('{% for i in range(3) %}<b>{{ i }}</b>{% endfor %}')

server = make_server('127.0.0.1', 0, app, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f'http://127.0.0.1:{server.port}'
assert requests.get(base + '/hello/you', params={'x': '1'}, timeout=10).json() == {'hello': 'you', 'x': '1'}
assert requests.get(base + '/page', timeout=10).text == '<b>0</b><b>1</b><b>2</b>'
server.shutdown()
PY
env/bin/python app.py
