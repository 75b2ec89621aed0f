#!/usr/bin/python3
import json, os, sys

if "TRIGGERFS_CONTRACT" not in os.environ:
    print("hello")
    sys.exit()
for line in sys.stdin:
    call = json.loads(line)
    if "run" in call:
        print(json.dumps({"id": call["id"], "out": "hello\n", "exit": 0}), flush=True)
