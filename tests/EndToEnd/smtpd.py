#!/usr/bin/python3
"""A mail server for tests: aiosmtpd on a port of 127.0.0.1, a free one unless it is given, which it prints.

    smtpd.py FOLDER [--port N] [--busy N] [--refuse] [--tls CERT KEY | --starttls CERT KEY] [--user NAME PASSWORD]

puts each mail into a file of FOLDER: N.eml, with the envelope above it. --busy answers the first N with 451, --refuse
every one with 550; --user takes mail only from who signs in.
"""

import argparse
import asyncio
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


class Folder:
    def __init__(self, options):
        self.options, self.count, self.busy = options, 0, options.busy

    async def handle_DATA(self, server, session, envelope):
        if self.options.refuse:
            return "550 no such mailbox"
        if self.busy > 0:
            self.busy -= 1
            return "451 come back later"
        self.count += 1
        path = os.path.join(self.options.folder, f"{self.count}.eml")
        with open(path + ".new", "wb") as file:
            file.write(f"{envelope.mail_from} -> {' '.join(envelope.rcpt_tos)}\n".encode() + envelope.content)
        os.rename(path + ".new", path)
        return "250 taken"


def context(files):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*files)
    return made


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--refuse", action="store_true")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--starttls", nargs=2)
    parser.add_argument("--user", nargs=2)
    options = parser.parse_args()
    folder = Folder(options)

    def check(server, session, envelope, mechanism, data):
        given = [data.login.decode(), data.password.decode()]
        return AuthResult(success=given == options.user)

    def serve():
        return SMTP(
            folder,
            tls_context=context(options.starttls) if options.starttls else None,
            require_starttls=bool(options.starttls),
            authenticator=check,
            auth_required=bool(options.user),
            auth_require_tls=bool(options.starttls),
        )

    server = await asyncio.get_running_loop().create_server(
        serve, "127.0.0.1", options.port, ssl=context(options.tls) if options.tls else None
    )
    print("PORT", server.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:  # Until whoever started it is gone.
        await asyncio.sleep(1)


asyncio.run(main())
