"""Keys of the line editor: what is bound from the start, and how lines of an init file name keys and commands."""

DEFAULT_KEYS = {
    "\x01": "beginning-of-line", "\x02": "backward-char", "\x04": "delete-char", "\x05": "end-of-line", "\x06": "forward-char",
    "\x07": "abort", "\x08": "backward-delete-char", "\t": "tab-insert", "\n": "accept-line", "\x0b": "kill-line",
    "\x0c": "clear-screen", "\r": "accept-line", "\x0e": "next-history", "\x0f": "operate-and-get-next",
    "\x10": "previous-history", "\x11": "quoted-insert", "\x12": "reverse-search-history", "\x13": "forward-search-history",
    "\x14": "transpose-chars", "\x15": "unix-line-discard", "\x16": "quoted-insert", "\x17": "unix-word-rubout",
    "\x19": "yank", "\x1d": "character-search", "\x1f": "undo", "\x7f": "backward-delete-char",
    "\x18\x12": "re-read-init-file", "\x18\x15": "undo", "\x18\x7f": "backward-kill-line", "\x18\x07": "abort",
    "\x1b\t": "complete", "\x1b\x1b": "complete", "\x1b?": "possible-completions", "\x1b=": "possible-completions",
    "\x1b*": "insert-completions", "\x1b#": "insert-comment", "\x1b.": "yank-last-arg", "\x1b_": "yank-last-arg",
    "\x1b<": "beginning-of-history", "\x1b>": "end-of-history", "\x1b\\": "delete-horizontal-space",
    "\x1bb": "backward-word", "\x1bf": "forward-word", "\x1bd": "kill-word", "\x1b\x7f": "backward-kill-word",
    "\x1b\x08": "backward-kill-word", "\x1bc": "capitalize-word", "\x1bl": "downcase-word", "\x1bu": "upcase-word",
    "\x1bt": "transpose-words", "\x1by": "yank-pop", "\x1br": "revert-line", "\x1b\x07": "abort",
    "\x1b[A": "previous-history", "\x1b[B": "next-history", "\x1b[C": "forward-char", "\x1b[D": "backward-char",
    "\x1bOA": "previous-history", "\x1bOB": "next-history", "\x1bOC": "forward-char", "\x1bOD": "backward-char",
    "\x1b[H": "beginning-of-line", "\x1b[F": "end-of-line", "\x1bOH": "beginning-of-line", "\x1bOF": "end-of-line",
    "\x1b[1~": "beginning-of-line", "\x1b[4~": "end-of-line", "\x1b[2~": "overwrite-mode", "\x1b[3~": "delete-char",
    "\x1b[1;5C": "forward-word", "\x1b[1;5D": "backward-word", "\x1b[1;3C": "forward-word", "\x1b[1;3D": "backward-word",
    "\x1b[3;5~": "kill-word", "\x1b[200~": "bracketed-paste-begin",
    **{f"\x1b{digit}": "digit-argument" for digit in range(10)},
}

_NAMED = {
    "del": "\x7f", "rubout": "\x7f", "esc": "\x1b", "escape": "\x1b", "lfd": "\n", "newline": "\n", "ret": "\r", "return": "\r",
    "space": " ", "spc": " ", "tab": "\t",
}
_ESCAPED = {"a": "\x07", "b": "\x08", "d": "\x7f", "e": "\x1b", "f": "\x0c", "n": "\n", "r": "\r", "t": "\t", "v": "\x0b"}


def bind(editor, line):
    """One line of an init file, or of `parse_and_bind`. What is not understood is passed over."""
    line = line.strip()
    if not line or line.startswith("#"):
        return
    words = line.split(None, 2)
    if words[0].lower() == "set":
        if len(words) > 1:
            value = words[2] if len(words) > 2 else "on"
            _set(editor, words[1].lower(), value.strip())
        return
    if line.startswith('"'):
        end = _quote_end(line)
        if end < 0:
            return
        key, rest = _unescape(line[1:end]), line[end + 1:].lstrip()
        if not rest.startswith(":"):
            return
        rest = rest[1:]
    else:
        name, colon, rest = line.partition(":")
        if not colon:
            return
        key = _named_key(name.strip())
    target = rest.strip()
    if not key:
        return
    if target[:1] in ('"', "'") and target:
        end = _quote_end(target)
        editor.keys[key] = (_unescape(target[1:end if end > 0 else None]),)
    elif target:
        editor.keys[key] = target.split()[0].lower()


def read_init_lines(editor, lines, include):
    """Lines with `$if`, `$else`, `$endif` and `$include`."""
    taken = []
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if word == "$if":
            taken.append(_holds(rest))
        elif word == "$else":
            if taken:
                taken[-1] = not taken[-1]
        elif word == "$endif":
            if taken:
                taken.pop()
        elif all(taken):
            if word == "$include":
                include(rest)
            else:
                bind(editor, line)


def _holds(condition):
    name, equal, value = condition.partition("=")
    if equal and name.strip() == "mode":
        return value.strip() == "emacs"
    if equal and name.strip() == "term":
        import os

        return os.environ.get("TERM", "").partition("-")[0] == value.strip().partition("-")[0]
    return condition.lower() == "python"


def _set(editor, name, value):
    editor.settings[name] = value
    if name == "history-size" and value.lstrip("-").isdigit():
        editor.history_limit = int(value) if int(value) >= 0 else None
        editor.limit_history()


def _named_key(name):
    control = meta = False
    while True:
        for prefix in ("control-", "c-", "ctrl-"):
            if name.lower().startswith(prefix) and len(name) > len(prefix):
                control, name = True, name[len(prefix):]
                break
        else:
            for prefix in ("meta-", "m-"):
                if name.lower().startswith(prefix) and len(name) > len(prefix):
                    meta, name = True, name[len(prefix):]
                    break
            else:
                break
    char = _NAMED.get(name.lower(), name[:1])
    if control:
        char = _control(char)
    return ("\x1b" if meta else "") + char


def _control(char):
    return "\x7f" if char == "?" else chr(ord(char.upper()) & 31) if char else ""


def _quote_end(text):
    quote, place = text[0], 1
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] == quote:
            return place
        place += 1
    return -1


def _unescape(text):
    out, place, control, meta = [], 0, False, False

    def put(char):
        nonlocal control, meta
        if control:
            char = _control(char)
        if meta:
            char = "\x1b" + char
        control = meta = False
        out.append(char)

    while place < len(text):
        char = text[place]
        place += 1
        if char != "\\" or place == len(text):
            put(char)
            continue
        char = text[place]
        place += 1
        if char in "CM" and text[place:place + 1] == "-":
            place += 1
            control, meta = control or char == "C", meta or char == "M"
        elif char == "x":
            digits = ""
            while len(digits) < 2 and text[place:place + 1] in set("0123456789abcdefABCDEF"):
                digits += text[place]
                place += 1
            put(chr(int(digits, 16)) if digits else "x")
        elif char in "01234567":
            digits = char
            while len(digits) < 3 and text[place:place + 1] in set("01234567"):
                digits += text[place]
                place += 1
            put(chr(int(digits, 8) & 255))
        else:
            put(_ESCAPED.get(char, char))
    return "".join(out)
