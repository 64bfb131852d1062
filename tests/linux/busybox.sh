#!/bin/sh
# SPDX-License-Identifier: MIT
# Pipelines and tools of busybox (static), with forks by the hundred.
set -e
cd /tmp
seq 1 2000 | awk '{ s += $1 } END { print "sum", s }'
seq 1 500 | sort -rn | head -n 2 | tr '\n' ' '
echo
mkdir -p tree/a/b tree/c
for i in $(seq 1 50); do echo "file $i" > "tree/a/b/f$i"; done
tar -cf - tree | gzip | gunzip | tar -tf - | wc -l
tar -cf tree.tar tree && rm -r tree && tar -xf tree.tar
find tree -type f -exec cat {} + | md5sum
echo 'purlin' | sed 's/\(.*\)lin/\1ple/' | rev
i=0
while [ $i -lt 100 ]; do
	i=$(expr $i + 1)
done
echo "counted to $i"
(echo one; sleep 0.05; echo two) | while read -r word; do echo "got $word"; done
mkfifo pipe
wc -c < pipe &
head -c 100000 /dev/zero > pipe
wait
sh -c 'kill -TERM $$' || echo "status $?"
timeout 1 sleep 10 || echo "status $?"
trap 'echo trapped' USR1
kill -USR1 $$
rm -r tree tree.tar pipe
