# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# Programs that tests/soak/debian --programs uses after debian-system.sh; $ROUNDS says how often gdb.

mkdir -p /root/work && cd /root/work || exit 1

compiler() {
	cat >count.c <<'END'
#include <stdio.h>

static volatile long counter;

__attribute__((noinline)) static void add(long by)
{
	counter += by;
}

int main(void)
{
	for (long i = 1; i <= 5; i++)
		add(i);
	printf("%ld\n", counter);
	return 0;
}
END
	gcc -g -O1 -o count count.c && [ "$(./count)" = 15 ]
}

# One round: a stop at a breakpoint of the processor and five at a watchpoint. gdb asks the running
# program whether there are such breakpoints, so it has to be started first.
debugger_round() {
	gdb -q -nx -batch -ex 'set debuginfod enabled off' -ex start -ex 'hbreak add' -ex continue -ex 'delete 2' \
		-ex 'watch counter' -ex continue -ex continue -ex continue -ex continue -ex continue -ex 'print counter' \
		-ex continue -ex continue ./count >gdb.log 2>&1
	grep -q '^Breakpoint 2, add' gdb.log && grep -q '^Hardware watchpoint 3: counter' gdb.log &&
		[ "$(grep -c '^New value = ' gdb.log)" = 5 ] && grep -q '^\$1 = 15' gdb.log &&
		grep -q 'exited normally' gdb.log
}

debugger() {
	for _ in $(seq "$ROUNDS"); do
		debugger_round || {
			cat gdb.log
			return 1
		}
	done
}

many_files() {
	for i in $(seq 2 40); do
		printf '#include <stdio.h>\nint f%d(int x) { return snprintf(NULL, 0, "%%d", x) + %d; }\n' "$i" "$i" >"f$i.c"
	done
	printf 'int f2(int);\nint main(void) { return f2(7) - 3; }\n' >f1.c
	printf 'main: %s\n\tgcc -o $@ $^\n' "$(seq -f 'f%g.o' -s ' ' 40)" >Makefile
	make -s -j4 && ./main
}

tracer() { strace -f -c -o strace.log make -s -B f3.o && grep -q execve strace.log; }

version_control() {
	git init -q one && cp ./*.c one && cd one && git config user.name a && git config user.email a@b &&
		git add . && git commit -q -m one && git clone -q . ../two && git -C ../two fsck --strict
}

sandbox() { bwrap --ro-bind / / --proc /proc --dev /dev --tmpfs /tmp --unshare-all sh -c '[ $$ -le 3 ]'; }
container() { podman run --rm --network none --rootfs /:O sh -c '[ -e /run/.containerenv ]'; }

database() {
	systemctl is-active --quiet postgresql@15-main &&
		su postgres -c 'cd && pgbench -q -i -s 1 && pgbench -n -c 4 -T 10'
}

go_program() {
	cat >sum.go <<'END'
package main

import "fmt"

func main() {
	parts := make(chan int)
	for i := 0; i < 100; i++ {
		go func(n int) { parts <- n * n }(i)
	}
	sum := 0
	for i := 0; i < 100; i++ {
		sum += <-parts
	}
	fmt.Println(sum)
}
END
	[ "$(GOCACHE=/root/work/.go go run sum.go)" = 328350 ]
}
java_program() {
	cat >Sum.java <<'END'
import java.util.stream.IntStream;

class Sum {
	public static void main(String[] words) {
		System.out.println(IntStream.range(0, 100).parallel().map(n -> n * n).sum());
	}
}
END
	[ "$(java Sum.java)" = 328350 ]
}
node_program() {
	[ "$(node -e 'setTimeout(() => console.log([...Array(100).keys()].reduce((s, n) => s + n * n, 0)), 10)')" = 328350 ]
}

counters() {
	perf stat -e cpu-clock,context-switches,page-faults -x, -o perf.log ./count && grep -q page-faults perf.log
}
profile() {
	perf record -q -e cpu-clock -g -o perf.data sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done' &&
		perf report -i perf.data --stdio 2>/dev/null | grep -q '%.*sh '
}

# What bpftrace prints of a probe while a script runs, has to hold the words. It refuses a script as
# the program to start, so it gets the shell.
traces() { # words program
	printf "cat /etc/hostname\n$PWD/count\n" >traced
	timeout 120 bpftrace -e "$2" -c "/bin/sh $PWD/traced" >bpf.log 2>&1
	grep -q "$1" bpf.log || {
		cat bpf.log
		return 1
	}
}
event() { traces 'cat opens' 'tracepoint:syscalls:sys_enter_openat { printf("%s opens\n", comm); }'; }
begin() { traces 'from the beginning' 'BEGIN { printf("from the beginning\n"); exit(); }'; }
kernel_function() { traces 'cat reads' 'kprobe:vfs_read { printf("%s reads\n", comm); }'; }
kernel_return() { traces 'cat got 7' 'kretprobe:vfs_read { printf("%s got %d\n", comm, retval); }'; }
program_function() {
	traces 'count adds 5' 'uprobe:/root/work/count:add { printf("%s adds %d\n", comm, arg0); }'
}
program_return() {
	traces 'count is back' 'uretprobe:/root/work/count:main { printf("%s is back\n", comm); }'
}
sampled() { traces 'samples' 'profile:hz:99 { @samples = count(); }'; }

# Hundreds of Linux's functions at once, this port's own among them, while programs run.
many_probes() {
	events=/sys/kernel/tracing
	count=0
	for name in $(sed -n 's/^[0-9a-f]* [tT] \(\(tcp\|ext4\|vfs\|do_sys\|pipe\|schedule\|purlin\|try_to\|handle\|futex\|mm\|wake\|hrtimer\|tick\)_[a-z_]*\)$/\1/p' \
		/proc/kallsyms | sort | uniq -u); do
		echo "p:many/$name $name" 2>/dev/null >>$events/kprobe_events && count=$((count + 1))
		[ $count -ge 900 ] && break
	done
	echo 1 >$events/events/many/enable
	make -s -B f2.o f3.o && ./count && ls -R /usr/share >/dev/null && sync
	worked=$?
	awk '{ hits += $2; missed += $3 } END { print hits, "hits,", missed, "missed" }' $events/kprobe_profile
	echo 0 >$events/events/many/enable
	echo >$events/kprobe_events
	[ $worked = 0 ] && [ $count -ge 500 ]
}
compiled_bpf() { # Linux's own tests of its compiler
	modprobe test_bpf && rmmod test_bpf && dmesg | grep 'test_bpf: Summary: .*, 0 FAILED'
}
static_branches() { # likewise; in a module, with all processors at work
	stress-ng --cpu 0 --context 0 -t 20 -q &
	for _ in $(seq 20); do
		modprobe test_static_keys && modprobe -r test_static_keys || return 1
	done
	wait
}

stress() {
	stress-ng --cpu 2 --vm 2 --vm-bytes 64M --fork 2 --mmap 2 --timer 2 --pipe 2 --verify -t 20 --metrics-brief
}

# What any of the above has made Linux complain of.
no_complaint() { ! journalctl -kb --no-pager | grep -E 'WARNING:|BUG:|Oops|blocked for more than'; }

try "gcc" compiler
try "gdb: watchpoints and hardware breakpoints" debugger
try "make -j" many_files
try "strace" tracer
try "git" version_control
try "bubblewrap" sandbox
try "podman" container
try "postgresql" database
try "go" go_program
try "java" java_program
try "node" node_program
try "nginx" sh -c 'curl -fsS http://127.0.0.1/ | grep -q nginx'
try "perf stat" counters
try "perf record" profile
try "bpftrace: an event of a system call" event
try "bpftrace: BEGIN" begin
try "bpftrace: a function of the kernel" kernel_function
try "bpftrace: a return in the kernel" kernel_return
try "bpftrace: a function of a program" program_function
try "bpftrace: a return in a program" program_return
try "bpftrace: samples" sampled
try "probes of hundreds of functions" many_probes
try "compiled BPF" compiled_bpf
try "static branches" static_branches
try "stress-ng --verify" stress
try "no warning in Linux's log" no_complaint
