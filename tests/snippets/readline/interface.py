"""The functions of module readline without a terminal."""
import os
import readline
import tempfile


def attempt(function, *args):
    try:
        print(function.__name__, args, "->", function(*args))
    except Exception as error:
        print(function.__name__, args, "->", type(error).__name__, error)


readline.clear_history()
for line in ("first", "second", "third é"):
    readline.add_history(line)
attempt(readline.get_history_item, 0)
attempt(readline.get_history_item, 1)
attempt(readline.get_history_item, 9)
attempt(readline.remove_history_item, -1)
attempt(readline.remove_history_item, 7)
attempt(readline.replace_history_item, 7, "x")
attempt(readline.replace_history_item, 0, "FIRST")
attempt(readline.get_history_item, 1)
attempt(readline.set_completer, 5)
attempt(readline.set_startup_hook, 5)
attempt(readline.set_pre_input_hook, 5)
attempt(readline.set_completion_display_matches_hook, 5)
attempt(readline.append_history_file, -1)
attempt(readline.parse_and_bind, "tab: complete")
attempt(readline.get_completer)
attempt(readline.get_history_length)
attempt(readline.get_current_history_length)
attempt(readline.get_completer_delims)
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    attempt(readline.read_history_file, "none")
    attempt(readline.read_init_file, "none")
    attempt(readline.write_history_file, "h")
    print(open("h", encoding="utf-8").read().split("\n"))
    readline.set_history_length(2)
    attempt(readline.write_history_file, "h")
    print(open("h", encoding="utf-8").read().split("\n"))
    attempt(readline.append_history_file, 1, "h")
    print(open("h", encoding="utf-8").read().split("\n"))
    readline.clear_history()
    attempt(readline.read_history_file, "h")
    attempt(readline.get_current_history_length)
    os.chdir("/")
readline.insert_text("typed")
print(readline.get_line_buffer())
print(readline.backend)
