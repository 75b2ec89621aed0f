#!/usr/bin/python3
"""Runs a program on a terminal of its own, as a person would use it.

    terminal.py [PROMPT TEXT]... -- COMMAND...

waits for each PROMPT, types TEXT (with Python's escapes: \\x03 is Ctrl-C), prints all that was on the screen, and exits
with the program's exit status.
"""

import os
import pty
import select
import sys
import time

DEADLINE_S = 30


def main(arguments):
    end = arguments.index("--")
    steps, command = arguments[:end], arguments[end + 1 :]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    screen, mark, late = b"", 0, time.monotonic() + DEADLINE_S
    while time.monotonic() < late:
        if steps and (at := screen.find(steps[0].encode(), mark)) >= 0:
            mark = at + len(steps[0].encode())
            os.write(terminal, steps[1].encode().decode("unicode_escape").encode())
            del steps[:2]
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            screen += os.read(terminal, 4096)
        except OSError:  # The program has ended.
            break
    sys.stdout.buffer.write(screen)
    sys.stdout.flush()
    if time.monotonic() >= late:
        os.kill(child, 9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF


sys.exit(main(sys.argv[1:]))
