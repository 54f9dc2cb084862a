"""Importing this module enables editing of the line that input() reads from a terminal, with history and completion.

CPython's module binds GNU readline; this one has the same interface over an editor of its own (`_line_editor`).
"""
import _thread
import os as _os

import _line_editor
import _line_keys

__all__ = [
    "add_history", "append_history_file", "backend", "clear_history", "get_begidx", "get_completer", "get_completer_delims",
    "get_completion_type", "get_current_history_length", "get_endidx", "get_history_item", "get_history_length",
    "get_line_buffer", "insert_text", "parse_and_bind", "read_history_file", "read_init_file", "redisplay",
    "remove_history_item", "replace_history_item", "set_auto_history", "set_completer", "set_completer_delims",
    "set_completion_display_matches_hook", "set_history_length", "set_pre_input_hook", "set_startup_hook", "write_history_file",
]

backend = "readline"
# The version whose behaviour is followed.
_READLINE_VERSION = _READLINE_RUNTIME_VERSION = 0x0803
_READLINE_LIBRARY_VERSION = "8.3"

_editor = _line_editor.Editor()
_lock = _thread.RLock()
_history_length = -1
_last_init_file = None


def _read_line(prompt, /):
    """Called by input() when standard input and output are a terminal: the line, or None at its end."""
    with _lock:
        line = _editor.read_line(prompt)
        if line is not None:
            _editor.remember(line)
        return line


def _text(function, value):
    if not isinstance(value, str):
        raise TypeError(f"{function}() argument must be str, not {_class_name(value)}")
    return value


def _class_name(value):
    return "None" if value is None else type(value).__name__


def _hook(function, value):
    if value is not None and not callable(value):
        raise TypeError(f"set_{function}(func): argument not callable")
    return value


def parse_and_bind(string, /):
    """Execute one line of an init file."""
    _line_keys.bind(_editor, _text("parse_and_bind", string))


def read_init_file(filename=None, /):
    """Execute an init file; without a name, the one that was read last."""
    global _last_init_file
    try:
        if filename is not None:
            _read_init(_os.fspath(filename))
            _last_init_file = filename
        elif _last_init_file is not None:
            _read_init(_last_init_file)
        else:
            _read_default_init()
    except OSError as error:
        raise _without_name(error) from None


def _read_init(path):
    with open(_os.path.expanduser(path), encoding="utf-8", errors="surrogateescape") as stream:
        lines = stream.read().splitlines()

    def include(name):
        try:
            _read_init(name.strip('"'))
        except (OSError, RecursionError):
            pass

    _line_keys.read_init_lines(_editor, lines, include)


def _read_default_init():
    global _last_init_file
    names = [_os.environ["INPUTRC"]] if _os.environ.get("INPUTRC") else ["~/.inputrc", "/etc/inputrc"]
    for place, name in enumerate(names):
        try:
            _read_init(name)
        except OSError:
            if place == len(names) - 1:
                raise
        else:
            _last_init_file = name
            return


def get_line_buffer():
    """The line as it stands."""
    return "".join(_editor.text)


def insert_text(string, /):
    """Insert text where the cursor is."""
    _editor.insert(_text("insert_text", string))


def redisplay():
    """Bring the screen up to date with the line."""
    if _editor.reading:
        _editor.draw()


def set_completer(function=None, /):
    """Set or remove the function that completes: called as function(text, 0), function(text, 1), ... until it gives None."""
    _editor.completer = _hook("completer", function)


def get_completer():
    """The function that completes, or None."""
    return _editor.completer


def set_completer_delims(string, /):
    """Set the characters that separate words for completion."""
    _editor.delimiters = _text("set_completer_delims", string)


def get_completer_delims():
    """The characters that separate words for completion."""
    return _editor.delimiters


def get_completion_type():
    """The kind of completion that goes on."""
    return _editor.completion_type


def get_begidx():
    """Where the word that is completed begins."""
    return _editor.word_start


def get_endidx():
    """Where the word that is completed ends."""
    return _editor.word_end


def set_completion_display_matches_hook(function=None, /):
    """Set or remove the function that shows possible completions: function(substitution, matches, longest_match_length)."""
    _editor.display_hook = _hook("completion_display_matches_hook", function)


def set_startup_hook(function=None, /):
    """Set or remove the function that is called before the prompt is shown."""
    _editor.startup_hook = _hook("startup_hook", function)


def set_pre_input_hook(function=None, /):
    """Set or remove the function that is called after the prompt is shown, before characters are read."""
    _editor.pre_input_hook = _hook("pre_input_hook", function)


def set_auto_history(enabled, /):
    """Whether lines that are read go to the history."""
    _editor.auto_history = bool(enabled)


def add_history(string, /):
    """Append a line to the history."""
    _editor.add_history(_text("add_history", string))


def clear_history():
    """Forget all lines of the history."""
    _editor.history.clear()


def get_current_history_length():
    """The number of lines in the history."""
    return len(_editor.history)


def get_history_item(index, /):
    """The line at this place, counted from 1, or None."""
    index = index.__index__()
    return _editor.history[index - 1] if 0 < index <= len(_editor.history) else None


def _place(position):
    position = position.__index__()
    if position < 0:
        raise ValueError("History index cannot be negative")
    if position >= len(_editor.history):
        raise ValueError(f"No history item at position {position}")
    return position


def remove_history_item(pos, /):
    """Remove the line at this place, counted from 0."""
    del _editor.history[_place(pos)]


def replace_history_item(pos, line, /):
    """Put another line at this place, counted from 0."""
    line = _text("replace_history_item", line)
    _editor.history[_place(pos)] = line


def set_history_length(length, /):
    """How many lines a history file may hold; negative for any number."""
    global _history_length
    _history_length = length.__index__()


def get_history_length():
    """How many lines a history file may hold."""
    return _history_length


def _without_name(error):
    """The library says what is wrong, not with which file."""
    return OSError(error.errno, error.strerror)


def _history_path(filename):
    return _os.path.expanduser("~/.history") if filename is None else filename


def read_history_file(filename=None, /):
    """Append the lines of a file, by default ~/.history, to the history."""
    try:
        with open(_history_path(filename), "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise _without_name(error) from None
    for line in data.split(b"\n"):
        if line := line.removesuffix(b"\r"):
            _editor.add_history(_os.fsdecode(line))


def _encoded(lines):
    return b"".join(_os.fsencode(line) + b"\n" for line in lines)


def write_history_file(filename=None, /):
    """Write the history to a file, by default ~/.history."""
    path = _history_path(filename)
    try:
        with open(path, "wb", opener=_private) as stream:
            stream.write(_encoded(_editor.history))
        _shorten(path)
    except OSError as error:
        raise _without_name(error) from None


def append_history_file(nelements, filename=None, /):
    """Append the last lines of the history to a file, by default ~/.history."""
    nelements = nelements.__index__()
    if nelements < 0:
        raise ValueError("nelements must be non-negative")
    path = _history_path(filename)
    lines = _editor.history[max(0, len(_editor.history) - nelements):]
    try:
        descriptor = _os.open(path, _os.O_WRONLY | _os.O_APPEND)
        with open(descriptor, "ab") as stream:
            stream.write(_encoded(lines))
        _shorten(path)
    except OSError as error:
        raise _without_name(error) from None


def _private(path, flags):
    return _os.open(path, flags, 0o600)


def _shorten(path):
    if _history_length < 0:
        return
    with open(path, "rb") as stream:
        lines = stream.read().splitlines(keepends=True)
    if len(lines) > _history_length:
        with open(path, "wb") as stream:
            stream.writelines(lines[len(lines) - _history_length:])


try:
    _read_default_init()
except OSError:
    pass
