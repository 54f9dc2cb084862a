"""The editor behind module `readline`: one line on a terminal, with keys, history and completion as GNU readline has them.

CPython binds the C library of that name; this is written anew. Not there: vi mode, paging of long lists.
"""
import codecs
import os
import signal
import sys
import termios

from _line_keys import DEFAULT_KEYS

WORD_DELIMITERS = " \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?"


class Editor:
    """The state of the editor. `settings` are variables of the init file, `keys` maps what is typed to commands."""

    def __init__(self):
        self.keys = dict(DEFAULT_KEYS)
        self.settings = {"completion-query-items": "100"}
        self.history = []
        self.history_limit = None
        self.auto_history = True
        self.completer = self.startup_hook = self.pre_input_hook = self.display_hook = None
        self.delimiters = WORD_DELIMITERS
        self.completion_type = self.word_start = self.word_end = 0
        self.text, self.point = [], 0
        self.reading = False
        self.killed = []
        self._next_line = None

    # Reading a line

    def read_line(self, prompt, input_fd=0, output_fd=1):
        """The line without its end, or None at the end of the input."""
        self.input_fd, self.output_fd = input_fd, output_fd
        self.decoder = codecs.getincrementaldecoder(sys.getfilesystemencoding())("surrogateescape")
        self.prompt = prompt.replace("\x01", "").replace("\x02", "")
        self.prompt_width = _text_width(_without_invisible(prompt).rpartition("\n")[2])
        self.text, self.point, self.overwriting = [], 0, False
        self.undo, self.pending, self.argument = [], [], None
        self.place, self.saved_line = len(self.history), ""
        self.last_command = self.command = None
        self.changed_by_completion = self.pasting = False
        self.plain = os.environ.get("TERM", "dumb") in ("", "dumb")
        self.rows_above, self.shown, self.result = 0, None, None
        if self._next_line is not None:
            self._go_to(min(self._next_line, len(self.history)))
            self._next_line = None
        if self.startup_hook is not None:
            self._run_hook(self.startup_hook)
        self._take_terminal()
        self.reading = True
        try:
            self.draw()
            if self.pre_input_hook is not None:
                self._run_hook(self.pre_input_hook)
                self.draw()
            while self.result is None:
                self._step()
            if self.result is False:
                return None
            self.point = len(self.text)
            self.draw()
            self._write("\n")
            return "".join(self.text)
        except KeyboardInterrupt:
            self._write("^C")
            raise
        finally:
            self.reading = False
            self._leave_terminal()

    def remember(self, line):
        if line and self.auto_history and (not self.history or self.history[-1] != line):
            self.add_history(line)

    def add_history(self, line):
        self.history.append(line)
        self.limit_history()

    def limit_history(self):
        if self.history_limit is not None and len(self.history) > self.history_limit:
            del self.history[:len(self.history) - self.history_limit]

    def _run_hook(self, hook):
        """What a hook raises is nobody's: CPython clears it as well."""
        try:
            hook()
        except KeyboardInterrupt:
            raise
        except Exception:
            pass

    # The terminal

    def _take_terminal(self):
        self.old_modes = modes = termios.tcgetattr(self.input_fd)
        new = [*modes[:6], list(modes[6])]
        new[0] &= ~(termios.ICRNL | termios.INLCR | termios.ISTRIP | termios.IXON)
        new[3] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
        off = os.fpathconf(self.input_fd, "PC_VDISABLE").to_bytes(1)
        new[6][termios.VMIN], new[6][termios.VTIME] = 1, 0
        new[6][termios.VSUSP] = off
        self.suspend_key = modes[6][termios.VSUSP].decode("latin-1") if modes[6][termios.VSUSP] != off else None
        termios.tcsetattr(self.input_fd, termios.TCSADRAIN, new)
        if self._is_set("enable-bracketed-paste") and not self.plain:
            self._write("\x1b[?2004h")

    def _leave_terminal(self):
        if self._is_set("enable-bracketed-paste") and not self.plain:
            self._write("\x1b[?2004l")
        termios.tcsetattr(self.input_fd, termios.TCSADRAIN, self.old_modes)

    def _suspend(self):
        self._leave_terminal()
        os.killpg(0, signal.SIGTSTP)
        self._take_terminal()
        self.draw_anew()

    def _write(self, text):
        data = text.encode(sys.getfilesystemencoding(), "surrogateescape")
        while data:
            data = data[os.write(self.output_fd, data):]

    def _read_char(self):
        """The next character, of a macro or from the terminal; an empty string at the end. One byte after the other: what follows
        the line is for whoever reads next."""
        if self.pending:
            return self.pending.pop(0)
        while True:
            try:
                byte = os.read(self.input_fd, 1)
            except OSError:
                return ""
            if not byte:
                return ""
            if char := self.decoder.decode(byte):
                self.pending[:0] = char[1:]
                return char[0]

    # Keys and commands

    def _is_set(self, name):
        return self.settings.get(name, "off").lower() in ("on", "1", "")

    def _read_key(self):
        """What was typed, up to where it names a command, no command begins so, or the input ends."""
        typed = self._read_char()
        if not typed:
            return "", None
        while True:
            longer = any(len(key) > len(typed) and key.startswith(typed) for key in self.keys)
            if not longer:
                break
            char = self._read_char()
            if not char:
                break
            typed += char
        if typed not in self.keys and typed.startswith(("\x1b[", "\x1bO")):
            while len(typed) < 16 and (len(typed) < 3 or not "@" <= typed[-1] <= "~"):
                char = self._read_char()
                if not char:
                    break
                typed += char
        return typed, self.keys.get(typed)

    def _step(self):
        typed, bound = self._read_key()
        if not typed:
            self.result = bool(self.text)
            return
        if typed == self.suspend_key:
            return self._suspend()
        if bound is None:
            if len(typed) == 1 and typed >= " " and typed != "\x7f":
                bound = "self-insert"
            else:
                return self._bell()
        if isinstance(bound, tuple):
            self.pending[:0] = bound[0]
            return
        self.perform(bound, typed)

    def perform(self, name, typed=""):
        command = getattr(self, "do_" + name.replace("-", "_"), None)
        if command is None:
            return self._bell()
        self.command = name
        before = "".join(self.text), self.point
        count, self.argument = self.argument, None
        command(typed, 1 if count is None else count)
        if name not in ("undo", "self-insert", "digit-argument") and "".join(self.text) != before[0]:
            self.undo.append(before)
        elif name == "self-insert" and (self.last_command != name or typed == " "):
            self.undo.append(before)
        if name != "digit-argument":
            self.last_command = self.command
        if self.result is None:
            self.draw()

    def _bell(self):
        if self.settings.get("bell-style", "audible") != "none":
            self._write("\x07")

    def insert(self, text):
        self.text[self.point:self.point] = text
        self.point += len(text)

    def _kill(self, start, end, forward=True):
        start, end = max(0, min(start, end)), min(len(self.text), max(start, end))
        piece = "".join(self.text[start:end])
        del self.text[start:end]
        self.point = start
        if not piece:
            # Killing nothing begins anew: what is killed next does not join what was killed before.
            self.command = ""
            return
        if self.killed and self.last_command and _kills(self.last_command):
            self.killed[-1] = self.killed[-1] + piece if forward else piece + self.killed[-1]
        else:
            self.killed = self.killed[-9:] + [piece]

    def _word_end(self, point):
        while point < len(self.text) and not self.text[point].isalnum():
            point += 1
        while point < len(self.text) and self.text[point].isalnum():
            point += 1
        return point

    def _word_begin(self, point):
        while point > 0 and not self.text[point - 1].isalnum():
            point -= 1
        while point > 0 and self.text[point - 1].isalnum():
            point -= 1
        return point

    # Typing and deleting

    def do_self_insert(self, typed, count):
        if self.overwriting:
            del self.text[self.point:self.point + count]
        self.insert(typed[-1] * count)

    def do_quoted_insert(self, typed, count):
        self.insert(self._read_char() * count)

    def do_tab_insert(self, typed, count):
        self.insert("\t" * count)

    def do_bracketed_paste_begin(self, typed, count):
        pasted = ""
        while not pasted.endswith("\x1b[201~") and (char := self._read_char()):
            pasted += char
        self.insert(pasted.removesuffix("\x1b[201~").replace("\r", "\n"))

    def do_overwrite_mode(self, typed, count):
        self.overwriting = not self.overwriting

    def do_delete_char(self, typed, count):
        if typed == "\x04" and not self.text and self.last_command != "delete-char":
            self.result = False
        elif self.point == len(self.text):
            self._bell()
        else:
            del self.text[self.point:self.point + count]

    def do_backward_delete_char(self, typed, count):
        if self.point == 0:
            return self._bell()
        start = max(0, self.point - count)
        del self.text[start:self.point]
        self.point = start

    def do_delete_horizontal_space(self, typed, count):
        while self.point and self.text[self.point - 1] in " \t":
            self.point -= 1
        while self.point < len(self.text) and self.text[self.point] in " \t":
            del self.text[self.point]

    def do_transpose_chars(self, typed, count):
        if self.point == 0 or len(self.text) < 2:
            return self._bell()
        here = min(self.point, len(self.text) - 1)
        self.text[here - 1], self.text[here] = self.text[here], self.text[here - 1]
        self.point = here + 1

    def do_transpose_words(self, typed, count):
        second_end = self._word_end(self.point)
        second = self._word_begin(second_end)
        first = self._word_begin(second)
        first_end = self._word_end(first)
        if first == second or first_end > second:
            return self._bell()
        words = self.text[first:first_end], self.text[first_end:second], self.text[second:second_end]
        self.text[first:second_end] = words[2] + words[1] + words[0]
        self.point = second_end

    def _change_word(self, change):
        end = self._word_end(self.point)
        self.text[self.point:end] = change("".join(self.text[self.point:end]))
        self.point = end

    def do_upcase_word(self, typed, count):
        self._change_word(str.upper)

    def do_downcase_word(self, typed, count):
        self._change_word(str.lower)

    def do_capitalize_word(self, typed, count):
        self._change_word(str.title)

    def do_insert_comment(self, typed, count):
        self.text[:0] = "#"
        self.result = True

    # Moving

    def do_beginning_of_line(self, typed, count):
        self.point = 0

    def do_end_of_line(self, typed, count):
        self.point = len(self.text)

    def do_forward_char(self, typed, count):
        self.point = min(len(self.text), self.point + count)

    def do_backward_char(self, typed, count):
        self.point = max(0, self.point - count)

    def do_forward_word(self, typed, count):
        for _ in range(count):
            self.point = self._word_end(self.point)

    def do_backward_word(self, typed, count):
        for _ in range(count):
            self.point = self._word_begin(self.point)

    def do_character_search(self, typed, count):
        char = self._read_char()
        try:
            self.point = self.text.index(char, self.point + 1)
        except ValueError:
            self._bell()

    def do_clear_screen(self, typed, count):
        if not self.plain:
            self._write("\x1b[H\x1b[2J")
        self.rows_above, self.shown = 0, None

    do_clear_display = do_clear_screen

    def do_redraw_current_line(self, typed, count):
        self.shown = None

    # Killing and yanking

    def do_kill_line(self, typed, count):
        self._kill(self.point, len(self.text))

    def do_backward_kill_line(self, typed, count):
        self._kill(0, self.point, forward=False)

    do_unix_line_discard = do_backward_kill_line

    def do_kill_whole_line(self, typed, count):
        self._kill(0, len(self.text))

    def do_kill_word(self, typed, count):
        self._kill(self.point, self._word_end(self.point))

    def do_backward_kill_word(self, typed, count):
        self._kill(self._word_begin(self.point), self.point, forward=False)

    def do_unix_word_rubout(self, typed, count):
        start = self.point
        while start and self.text[start - 1].isspace():
            start -= 1
        while start and not self.text[start - 1].isspace():
            start -= 1
        self._kill(start, self.point, forward=False)

    def do_yank(self, typed, count):
        if self.killed:
            self.insert(self.killed[-1])

    def do_yank_pop(self, typed, count):
        if self.last_command not in ("yank", "yank-pop") or not self.killed:
            return self._bell()
        start = self.point - len(self.killed[-1])
        del self.text[start:self.point]
        self.point = start
        self.killed.insert(0, self.killed.pop())
        self.insert(self.killed[-1])

    def do_yank_last_arg(self, typed, count):
        if not self.history:
            return self._bell()
        words = self.history[-1].split()
        self.insert(words[-1] if words else "")

    do_insert_last_argument = do_yank_last_arg

    # Undoing, ending, arguments

    def do_undo(self, typed, count):
        if not self.undo:
            return self._bell()
        text, self.point = self.undo.pop()
        self.text = list(text)

    def do_revert_line(self, typed, count):
        while self.undo:
            self.do_undo(typed, count)

    def do_accept_line(self, typed, count):
        self.result = True

    def do_operate_and_get_next(self, typed, count):
        self._next_line = self.place + 1
        self.result = True

    def do_abort(self, typed, count):
        self._bell()

    def do_digit_argument(self, typed, count):
        digits = typed.removeprefix("\x1b")
        while (char := self._read_char()) and char.isdigit():
            digits += char
        self.pending[:0] = char
        self.argument = min(int(digits), 100_000) if digits.isdigit() else 1

    def do_re_read_init_file(self, typed, count):
        import readline

        try:
            readline.read_init_file()
        except OSError:
            self._bell()

    # History

    def _go_to(self, place):
        if not 0 <= place <= len(self.history):
            return self._bell()
        if self.place == len(self.history):
            self.saved_line = "".join(self.text)
        self.place = place
        self.text = list(self.saved_line if place == len(self.history) else self.history[place])
        self.point = len(self.text)
        self.undo.clear()

    def do_previous_history(self, typed, count):
        self._go_to(self.place - count)

    def do_next_history(self, typed, count):
        self._go_to(self.place + count)

    def do_beginning_of_history(self, typed, count):
        self._go_to(0)

    def do_end_of_history(self, typed, count):
        self._go_to(len(self.history))

    def _search_beginning(self, step):
        beginning, point = "".join(self.text[:self.point]), self.point
        place = self.place + step
        while 0 <= place < len(self.history):
            if self.history[place].startswith(beginning) and self.history[place] != "".join(self.text):
                self._go_to(place)
                self.point = point or len(self.text)
                return
            place += step
        self._bell()

    def do_history_search_backward(self, typed, count):
        self._search_beginning(-1)

    def do_history_search_forward(self, typed, count):
        self._search_beginning(1)

    def do_reverse_search_history(self, typed, count):
        self._search(-1)

    def do_forward_search_history(self, typed, count):
        self._search(1)

    def _search(self, step):
        """Incremental search: each key narrows what is looked for, or ends the search and is then done as usual."""
        start = self.place, list(self.text), self.point
        wanted, place, failed, shown_prompt = "", self.place, False, (self.prompt, self.prompt_width)
        try:
            while True:
                name = ("failed " if failed else "") + ("reverse-" if step < 0 else "") + "i-search"
                self.prompt = f"({name})`{wanted}': "
                self.prompt_width = _text_width(self.prompt)
                self.draw()
                typed, bound = self._read_key()
                if not typed or bound == "abort":
                    (self.place, self.text, self.point) = start
                    return
                if bound in ("reverse-search-history", "forward-search-history"):
                    step = -1 if bound == "reverse-search-history" else 1
                    place += step
                elif bound == "backward-delete-char":
                    wanted, place = wanted[:-1], start[0]
                elif bound is None and len(typed) == 1 and typed >= " ":
                    wanted += typed
                else:
                    if typed != "\x1b":
                        self.pending[:0] = typed
                    return
                failed = not self._find(wanted, place, step)
                if failed:
                    self._bell()
                else:
                    place = self.place
        finally:
            self.prompt, self.prompt_width = shown_prompt

    def _find(self, wanted, place, step):
        while 0 <= place <= len(self.history):
            line = self.saved_line if place == len(self.history) else self.history[place]
            at = line.rfind(wanted) if step < 0 else line.find(wanted)
            # The line that is shown already is passed over when it comes again.
            if at >= 0 and place < len(self.history) and (place == self.place or line != "".join(self.text)):
                self._go_to(place)
                self.point = at
                return True
            place += step
        return False

    # Completion

    def _matches(self):
        self.word_end = start = self.point
        while start and self.text[start - 1] not in self.delimiters:
            start -= 1
        self.word_start = start
        word, found = "".join(self.text[start:self.point]), []
        if self.completer is not None and not self._is_set("disable-completion"):
            for state in range(1_000_000):
                try:
                    match = self.completer(word, state)
                except Exception:
                    break
                if match is None:
                    break
                found.append(str(match))
        return found

    def _common_beginning(self, matches):
        if not self._is_set("completion-ignore-case"):
            return os.path.commonprefix(matches)
        common = os.path.commonprefix([match.lower() for match in matches])
        return matches[0][:len(common)]

    def _replace_word(self, text):
        self.text[self.word_start:self.word_end] = text
        self.point = self.word_start + len(text)

    def do_complete(self, typed, count):
        kind = "\t"
        if self.last_command == "complete" and not self.changed_by_completion:
            kind = "?"
        elif self._is_set("show-all-if-ambiguous"):
            kind = "!"
        elif self._is_set("show-all-if-unmodified"):
            kind = "@"
        self._complete(kind)

    def do_possible_completions(self, typed, count):
        self._complete("?")

    def do_insert_completions(self, typed, count):
        self.completion_type = ord("*")
        if matches := sorted(set(self._matches())):
            self._replace_word(" ".join(matches) + " ")
        else:
            self._bell()

    def do_menu_complete(self, typed, count):
        if self.last_command != "menu-complete":
            self.completion_type = ord("%")
            self.menu, self.menu_place = self._matches(), -1
        if not self.menu:
            return self._bell()
        self.menu_place = (self.menu_place + 1) % len(self.menu)
        self._replace_word(self.menu[self.menu_place])
        self.word_end = self.point

    def _complete(self, kind):
        self.completion_type = ord(kind)
        before = list(self.text)
        matches = self._matches()
        if not matches:
            self.changed_by_completion = False
            return self._bell()
        common = self._common_beginning(matches) if len(matches) > 1 else matches[0]
        different = sorted(set(matches))
        if kind == "?":
            if len(different) == 1:
                self._replace_word(different[0])
            else:
                self._show_matches(common, different)
        else:
            if common:
                self._replace_word(common)
            if len(different) > 1:
                if kind == "!" or kind == "@" and self.text == before:
                    self._show_matches(common, different)
                else:
                    self._bell()
        self.changed_by_completion = self.text != before

    def _show_matches(self, common, matches):
        longest = max(map(len, matches))
        if self.display_hook is not None:
            self.draw()
            hook = self.display_hook
            return self._run_hook(lambda: hook(common, matches, longest))
        point, self.point = self.point, len(self.text)
        self.draw()
        self.point = point
        self._write("\n")
        asked_from = self.settings.get("completion-query-items", "100")
        if asked_from.isdigit() and 0 < int(asked_from) <= len(matches):
            self._write(f"Display all {len(matches)} possibilities? (y or n)")
            while (char := self._read_char()) and char not in "yYnN \x7f\x07\r\n":
                self._bell()
            self._write("\n")
            if not char or char not in "yY ":
                return self.draw_anew()
        width = max(map(_text_width, matches)) + 2
        columns = max(1, self._columns() // width)
        rows = -(-len(matches) // columns)
        for row in range(rows):
            line = matches[row::rows]
            cells = [match + " " * (width - _text_width(match)) for match in line[:-1]] + line[-1:]
            self._write("".join(cells) + "\n")
        self.draw_anew()

    # Drawing

    def _columns(self):
        try:
            return os.get_terminal_size(self.output_fd).columns or 80
        except OSError:
            return 80

    def draw_anew(self):
        """On a fresh row: what was drawn before is gone."""
        self.rows_above, self.shown = 0, None
        self.draw()

    def draw(self):
        cells = [_shown(char) for char in self.text]
        text, columns = "".join(cells), self._columns()
        state = self.prompt, text, self.point, columns
        if state == self.shown:
            return
        if self.plain:
            self._draw_plain(cells, text)
        elif (self.shown is not None and self.shown[0] == self.prompt and self.shown[3] == columns and self.point == len(cells)
              and self.shown[2] == len(cells) - 1 and text == self.shown[1] + cells[-1] and not self._at_edge(text, columns)):
            self._write(cells[-1])
        else:
            self._draw_rows(cells, text, columns)
        self.shown = state

    def _at_edge(self, text, columns):
        return (self.prompt_width + _text_width(text)) % columns in (0, 1)

    def _draw_rows(self, cells, text, columns):
        fresh = self.shown is None
        out = ["\r"]
        if self.rows_above:
            out.append(f"\x1b[{self.rows_above}A")
        # Rows of the prompt before its last one stay as they were printed.
        prompt = self.prompt if fresh else self.prompt.rpartition("\n")[2]
        out += [prompt, text.replace("\n", "\x1b[K\n"), "\x1b[K" if fresh else "\x1b[J"]
        end_row, end_column = _place(self.prompt_width, text, columns)
        if end_column == 0 and end_row and not text.endswith("\n"):
            out.append("\n")
        row, column = _place(self.prompt_width, "".join(cells[:self.point]), columns)
        if end_row > row:
            out.append(f"\x1b[{end_row - row}A")
        out.append("\r")
        if column:
            out.append(f"\x1b[{column}C")
        if end_row == row and column == end_column and column:
            del out[-2:]
        self.rows_above = row
        self._write("".join(out))

    def _draw_plain(self, cells, text):
        """On a terminal that can only go back: one row, whatever its length."""
        if self.shown is None:
            out, old = [self.prompt], ""
        else:
            old = self.shown[1]
            out = ["\b" * self.shown_width]
        left = max(0, _text_width(old) - _text_width(text))
        self.shown_width = _text_width("".join(cells[:self.point]))
        back = _text_width(text) + left - self.shown_width
        self._write("".join([*out, text, " " * left, "\b" * back]))


def _kills(command):
    return "kill" in command or command in ("unix-line-discard", "unix-word-rubout")


def _without_invisible(prompt):
    """The prompt without what stands between the marks that say it takes no room."""
    pieces = prompt.split("\x01")
    return pieces[0] + "".join(piece.partition("\x02")[2] for piece in pieces[1:])


def _shown(char):
    if char < " " and char != "\n" or char == "\x7f":
        return "^" + chr(ord(char) ^ 64)
    return char


def _char_width(char):
    if char < "\x7f":
        return 1
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def _text_width(text):
    return len(text) if text.isascii() else sum(map(_char_width, text))


def _place(column, text, columns):
    """Row and column after writing the text from this column on; a full row ends at the beginning of the next."""
    row, column = divmod(column, columns)
    for char in text:
        width = _char_width(char)
        if char == "\n":
            row, column = row + 1, 0
            continue
        if column + width > columns:
            row, column = row + 1, 0
        column += width
        if column == columns:
            row, column = row + 1, 0
    return row, column
