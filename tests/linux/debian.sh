#!/usr/bin/bash
# SPDX-License-Identifier: MIT
# Debian's own dynamically linked programs, unmodified.
declare -A word=([one]=1 [two]=2)
for key in one two; do echo "$key=${word[$key]}"; done
echo "bash ${BASH_VERSINFO[0]}, $((2 ** 40))"
printf '%s\n' {a..e} | /usr/bin/sha256sum
cmp <(echo same) <(echo same) && echo "process substitution"
ldd /usr/bin/bash | grep -c "libc.so.6"
getent passwd root
coproc cat
echo "through a coprocess" >&"${COPROC[1]}"
read -r line <&"${COPROC[0]}"
echo "$line"
kill "$COPROC_PID"
for i in {1..20}; do (exit "$i") & done
wait
lspci >/dev/null && echo "lspci runs"
for i in {1..30}; do /usr/bin/sha256sum /usr/bin/bash; done | sort -u | wc -l
