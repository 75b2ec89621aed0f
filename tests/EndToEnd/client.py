#!/usr/bin/python3
"""A client of triggerFS in Python, written from Transport/PROTOCOL.md alone. It needs pyzmq (Debian: python3-zmq).

    client.py BROKER BROKERKEY TEAM IDENTITY SERVICE COMMAND

runs COMMAND with the plugin command/command, prints its output as it comes and exits with its exit code. The secret
is taken from the environment, TRIGGERFS_SECRET, so that it is in no list of processes.
"""

import os
import struct
import sys
import time

import zmq

VERSION = 1
HELLO, ACCEPTED, REFUSED, HEARTBEAT, GOODBYE, REQUEST = 1, 2, 3, 4, 5, 6
CREDIT, OUTPUT, FINISHED = 9, 12, 13
ROLE_CLIENT, PROOF_SECRET = 1, 1
OUTPUT_IS_ERROR, FINISHED_LAST, OUTCOME_DONE = 1, 1, 1
HAS_PARENT = 4
CREDIT_STEP = 8 * 1024
HEARTBEATS_MISSED_MAX = 4


def u8(value):
    return struct.pack(">B", value)


def u32(value):
    return struct.pack(">I", value)


def u64(value):
    return struct.pack(">Q", value)


def name(text):
    utf8 = text.encode()
    return struct.pack(">B", len(utf8)) + utf8


def text(value):
    utf8 = value.encode()
    return struct.pack(">H", len(utf8)) + utf8


class Reader:
    """The fields of one message, in order."""

    def __init__(self, message):
        self.message, self.at = message, 2

    def number(self, form):
        (value,) = struct.unpack_from(">" + form, self.message, self.at)
        self.at += struct.calcsize(">" + form)
        return value

    def take(self, length):
        taken = self.message[self.at:self.at + length]
        if len(taken) != length:
            raise ValueError("a message is cut short")
        self.at += length
        return taken

    def name(self):
        return self.take(self.number("B")).decode()

    def text(self):
        return self.take(self.number("H")).decode()

    def bytes(self):
        return self.take(self.number("I"))


class Session:
    def __init__(self, broker, broker_key):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.curve_publickey, self.socket.curve_secretkey = zmq.curve_keypair()
        self.socket.curve_serverkey = broker_key.encode()
        self.socket.linger = 1000
        self.socket.connect(broker)
        self.heartbeat = 2.5
        self.sent = self.heard = time.monotonic()

    def send(self, kind, fields=b""):
        self.sent = time.monotonic()
        self.socket.send(u8(kind) + u8(VERSION) + fields)

    def receive(self):
        """The next message that is not a heartbeat; keeps the session alive while it waits."""
        while True:
            if self.socket.poll(200):
                message = self.socket.recv()
                self.heard = time.monotonic()
                if message[0] == GOODBYE:
                    sys.exit("the broker is shutting down")
                if message[0] != HEARTBEAT:
                    return message[0], Reader(message)
            now = time.monotonic()
            if now - self.heard > HEARTBEATS_MISSED_MAX * self.heartbeat:
                sys.exit("the broker is silent (wrong address or key?)")
            if now - self.sent > self.heartbeat:
                self.send(HEARTBEAT)

    def hello(self, team, identity, secret):
        self.send(HELLO, u8(ROLE_CLIENT) + name(team) + name(identity) + u8(PROOF_SECRET) + text(secret)
                  + text("client.py") + u64(0))
        kind, fields = self.receive()
        if kind == REFUSED:
            refused(fields)
        fields.take(16 + 1)  # The session, and whether it is an old one.
        fields.name(), fields.name(), fields.text()
        self.heartbeat = fields.number("I") / 1000

    def request(self, service, plugin, payload):
        """Sends a request, prints its output, and returns the highest exit code of the workers that answered."""
        self.send(REQUEST, u64(1) + chain() + u32(0) + text(service) + text(plugin) + u32(0)
                  + u32(len(payload)) + payload)
        highest, credited = 0, {}
        while True:
            kind, fields = self.receive()
            if kind == REFUSED:
                refused(fields)
            elif kind == OUTPUT:
                fields.number("Q")
                offset, flags, worker = fields.number("Q"), fields.number("B"), fields.name()
                output = fields.bytes()
                show(output, flags & OUTPUT_IS_ERROR)
                consumed = offset + len(output)
                if consumed - credited.get(worker, 0) >= CREDIT_STEP:
                    credited[worker] = consumed
                    self.send(CREDIT, u64(1) + u8(0) + u64(consumed) + name(worker))
            elif kind == FINISHED:
                fields.number("Q")
                flags, outcome, exit_code = fields.number("B"), fields.number("B"), fields.number("i")
                fields.number("Q"), fields.number("I"), fields.number("Q")
                worker, detail = fields.name(), fields.text()
                show(fields.bytes(), False)
                if outcome != OUTCOME_DONE:
                    print(f"{worker}: outcome {outcome} {detail}", file=sys.stderr)
                highest = max(highest, exit_code if outcome == OUTCOME_DONE else 1)
                if flags & FINISHED_LAST:
                    return highest


def chain():
    """Flags, hops and parent: within a plugin's run, one run more led to this request than to that, and it is the last."""
    run = int(os.environ.get("TRIGGERFS_RUN_ID", "0"))
    return u8(HAS_PARENT if run else 0) + u8(int(os.environ.get("TRIGGERFS_HOPS", "-1")) + 1) + (u64(run) if run else b"")


def show(output, is_error):
    stream = sys.stderr.buffer if is_error else sys.stdout.buffer
    stream.write(output)
    stream.flush()


def refused(fields):
    fields.number("Q")
    code, what, why, fix = fields.number("B"), fields.text(), fields.text(), fields.text()
    sys.exit(f"refused ({code}): {what}\n  why: {why}\n  try: {fix}")


def main():
    broker, broker_key, team, identity, service, command = sys.argv[1:]
    session = Session(broker, broker_key)
    session.hello(team, identity, os.environ["TRIGGERFS_SECRET"])
    exit_code = session.request(service, "command/command", command.encode())
    session.send(GOODBYE, text("done"))
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
