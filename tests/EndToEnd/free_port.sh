#!/usr/bin/env bash
# free_port.sh: a port that nobody listens at, and below those that the kernel gives to whoever connects.
set -euo pipefail
port=$((20000 + RANDOM % 12000))
while (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do port=$((20000 + RANDOM % 12000)); done
echo "$port"
