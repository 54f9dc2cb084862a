"""Runs one hook of a build backend (PEP 517, 660) and writes what it gives to a file."""
import importlib
import json
import os
import sys
import traceback


def main(question):
    for folder in reversed(question["backend_path"]):
        sys.path.insert(0, os.path.join(os.getcwd(), folder))
    module, _, attributes = question["backend"].partition(":")
    try:
        backend = importlib.import_module(module)
        for name in attributes.split(".") if attributes else ():
            backend = getattr(backend, name)
    except Exception:
        traceback.print_exc()
        return {"state": "no-backend"}
    hook = getattr(backend, question["hook"], None)
    if hook is None:
        return {"state": "no-hook"}
    return {"state": "done", "value": hook(*question["arguments"])}


# Backends change sys.argv: what is needed later is taken first.
_, question, place = sys.argv
answer = main(json.loads(question))
with open(place, "w", encoding="utf-8") as file:
    json.dump(answer, file)
