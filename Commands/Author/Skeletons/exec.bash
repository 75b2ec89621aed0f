#!/usr/bin/env bash
# @NAME@
#
# The message is on standard input, an argument such as who=me in TRIGGERFS_ARG_WHO. What this prints is the answer, as it
# comes; the exit code tells whether all is well. It gets SIGTERM when its time is up, or nobody wants it any more.
set -euo pipefail

message=$(cat)
echo "hello $TRIGGERFS_ARG_WHO"
echo "you said: $message"
