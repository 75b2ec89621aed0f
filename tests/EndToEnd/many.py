"""Many programs at once on a mount: many.py FOLDER SECONDS PAUSE WRITERS READERS

Each is a process of its own that does what programs do to the triggers of FOLDER, again and again, PAUSE seconds in between.
At the end one line is printed for all that happened: `did WHAT ERRNO TIMES`, and one for each writer: `sent NAME TIMES`, the
number of its messages that a write or a close took; they are `NAME 0`, `NAME 1`, ….
"""
import collections
import errno
import os
import random
import select
import signal
import sys
import time

FOLDER, SECONDS, PAUSE, WRITERS, READERS = sys.argv[1], *map(float, sys.argv[2:4]), *map(int, sys.argv[4:6])
ASYNC, LINE, CLOSE, SYNC = (f"{FOLDER}/{name}" for name in ("async", "line", "close", "sync"))
COMING = f"{FOLDER}/coming"


class Program:
    """What one process did."""

    def __init__(self, name):
        self.name, self.sent, self.did = name, 0, collections.Counter()

    def call(self, what, function, *arguments):
        """Calls and counts; None when it failed."""
        try:
            result = function(*arguments)
            self.did[what, "OK"] += 1
            return result
        except OSError as problem:
            self.did[what, errno.errorcode[problem.errno]] += 1
            return None

    def next(self, end=""):
        return f"{self.name} {self.sent}{end}".encode()

    def open(self, path, flags, what="open"):
        return self.call(what, os.open, path, flags)

    def write(self, fd, message, what="write", messages=1):
        taken = self.call(what, os.write, fd, message)
        if taken is not None and taken != len(message):
            self.did[what, "SHORT"] += 1
        elif taken is not None:
            self.sent += messages

    def close(self, fd, what="close"):
        return self.call(what, lambda: os.close(fd) or True)


def echo(program):
    fd = program.open(ASYNC, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    program.write(fd, program.next())
    program.close(fd)


def log(program):
    fd = program.open(ASYNC, os.O_WRONLY | os.O_APPEND)
    for _ in range(5):
        program.write(fd, program.next())
    program.close(fd)


def ask(program):
    fd = program.open(ASYNC, os.O_RDWR)
    question = program.next()
    program.write(fd, question)
    answer = b""
    while piece := program.call("read an answer", os.read, fd, 4096):
        answer += piece
    if piece is not None and answer != question:
        program.did["read an answer", "OTHER"] += 1
    program.close(fd)


def log_without_waiting(program):
    fd = program.open(ASYNC, os.O_WRONLY | os.O_NONBLOCK)
    select.select([], [fd], [], 5)
    program.write(fd, program.next(), "write without waiting")
    program.close(fd)


def log_lines(program):
    fd = program.open(LINE, os.O_WRONLY)
    first, program.sent = program.next("\n"), program.sent + 1
    second, program.sent = program.next("\n"), program.sent - 1
    program.write(fd, first + second[:3])
    program.write(fd, second[3:])
    program.close(fd)


def save(program):
    fd = program.open(CLOSE, os.O_WRONLY)
    message = program.next()
    program.write(fd, message[:2], messages=0)
    program.write(fd, message[2:], messages=0)
    if program.close(fd):
        program.sent += 1


def run(program):
    fd = program.open(SYNC, os.O_WRONLY)
    if random.random() < 0.2:
        program.write(fd, b"exit 3", "write what fails", messages=0)
    else:
        program.write(fd, program.next(), "write and wait")
    program.close(fd)


def fire_what_comes_and_goes(program):
    fd = program.open(f"{COMING}/t{random.randrange(8)}", os.O_WRONLY, "open what comes and goes")
    if fd is not None:
        program.write(fd, b"x", "write what comes and goes", messages=0)
        program.close(fd)


def arrange(program):
    made, moved = f"{FOLDER}/{program.name}", f"{FOLDER}/{program.name}-moved"
    program.call("mkdir", os.mkdir, made)
    program.call("chmod", os.chmod, made, 0o700)
    program.call("mkdir", os.mkdir, f"{made}/below")
    program.call("rename", os.rename, made, moved)
    program.call("rmdir", os.rmdir, f"{moved}/below")
    program.call("rmdir", os.rmdir, moved)


def walk(program):
    for folder, folders, files in os.walk(FOLDER, onerror=lambda problem: program.call("walk", throw, problem)):
        for name in folders + files:
            program.call("stat", os.lstat, f"{folder}/{name}")


def throw(problem):
    raise problem


def ask_about(program):
    program.call("statvfs", os.statvfs, FOLDER)
    for name in program.call("listxattr", os.listxattr, ASYNC) or []:
        program.call("getxattr", os.getxattr, ASYNC, name)
    program.call("access", os.access, SYNC, os.W_OK)
    program.call("stat what comes and goes", os.stat, f"{COMING}/t{random.randrange(8)}")


def cat(program):
    fd = program.open(random.choice([ASYNC, SYNC, LINE]), os.O_RDONLY)
    while program.call("read", os.read, fd, 100):
        pass
    program.close(fd)


def tail(program):
    fd = program.open(ASYNC, os.O_RDONLY)
    for _ in range(10):
        program.call("lseek", os.lseek, fd, 0, os.SEEK_END)
        while program.call("read", os.read, fd, 1 << 16):
            pass
        time.sleep(PAUSE)
    program.close(fd)


def read_status(program):
    fd = program.open(f"{os.path.dirname(FOLDER)}/.triggerfs/status", os.O_RDONLY)
    program.call("read", os.read, fd, 4096)
    program.close(fd)
    fd = program.open(f"{COMING}/t{random.randrange(8)}", os.O_RDONLY, "open what comes and goes")
    if fd is not None:
        program.call("read what comes and goes", os.read, fd, 100)
        program.close(fd)


WRITING = [echo, log, ask, log_without_waiting, log_lines, save, run, fire_what_comes_and_goes, arrange]
READING = [walk, ask_about, cat, tail, read_status]


def live(name, what, end, out):
    program = Program(name)
    while time.monotonic() < end:
        what(program)
        time.sleep(PAUSE * random.uniform(0.5, 1.5))
    lines = [f"did\t{what}\t{code}\t{times}\n" for (what, code), times in program.did.items()]
    os.write(out, "".join([*lines, f"sent\t{name}\t{program.sent}\n"]).encode())


def main():
    end = time.monotonic() + SECONDS
    read, write = os.pipe()
    children = []
    for i in range(WRITERS + READERS):
        what = WRITING[i % len(WRITING)] if i < WRITERS else READING[i % len(READING)]
        child = os.fork()
        if child == 0:
            live(f"{what.__name__}-{i}", what, end, write)
            os._exit(0)
        children.append(child)
    os.close(write)
    signal.alarm(int(SECONDS) + 60)  # What hangs is a failure of this program.
    did, sent = collections.Counter(), []
    with os.fdopen(read) as lines:
        for line in lines:
            kind, *fields = line.rstrip("\n").split("\t")
            if kind == "did":
                did[fields[0], fields[1]] += int(fields[2])
            else:
                sent.append(fields)
    for (what, code), times in sorted(did.items()):
        print("did", what.replace(" ", "-"), code, times)
    for name, times in sent:
        print("sent", name, times)
    sys.exit(sum(os.waitpid(child, 0)[1] != 0 for child in children))


main()
