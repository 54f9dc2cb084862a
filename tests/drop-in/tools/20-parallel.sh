# tool: joblib, execnet
# tried: joblib threads; execnet starts a worker and gets an answer
# version: env/bin/pip list --format=freeze | grep -e ^joblib= | cut -d= -f3
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet joblib execnet
env/bin/python -c '
import execnet, joblib
assert joblib.Parallel(n_jobs=2, backend="threading")(joblib.delayed(pow)(i, 2) for i in range(5)) == [0, 1, 4, 9, 16]
gateway = execnet.makegateway()
assert gateway.remote_exec("channel.send(channel.receive() + 1)") is not None
channel = gateway.remote_exec("channel.send(channel.receive() + 1)")
channel.send(1)
assert channel.receive() == 2
gateway.exit()'
