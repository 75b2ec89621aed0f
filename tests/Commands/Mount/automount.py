"""What systemd does for x-systemd.automount, with the kernel's own autofs: automount.py DIRECTORY COMMAND LOOKER

Makes DIRECTORY an automount, runs LOOKER (a line of shell) as somebody who walks into it, and COMMAND (another), in our own
process group, when the kernel asks for the mount. Its exit status is LOOKER's. See autofs(5) and auto_fs.h.
"""
import ctypes
import fcntl
import os
import struct
import subprocess
import sys

AUTOFS_IOC_READY, AUTOFS_IOC_FAIL = 0x9360, 0x9361
MISSING_DIRECT = 5
PACKET = 304  # struct autofs_v5_packet

directory, command, looker = sys.argv[1:]
os.setpgrp()
libc = ctypes.CDLL(None, use_errno=True)
asked, asks = os.pipe()
options = f"fd={asks},pgrp={os.getpgrp()},minproto=5,maxproto=5,direct"
if libc.mount(b"systemd-1", directory.encode(), b"autofs", 0, options.encode()):
    sys.exit(f"no autofs: {os.strerror(ctypes.get_errno())}")
os.close(asks)
root = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)

walker = subprocess.Popen(["timeout", "60", "bash", "-c", looker], start_new_session=True)
version, kind, token = struct.unpack_from("=iiI", os.read(asked, PACKET))
assert (version, kind) == (5, MISSING_DIRECT), (version, kind)
mounted = subprocess.run(["bash", "-c", command], timeout=30)
fcntl.ioctl(root, AUTOFS_IOC_READY if mounted.returncode == 0 else AUTOFS_IOC_FAIL, token)
os.close(root)
sys.exit(walker.wait())
