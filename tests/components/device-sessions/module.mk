# SPDX-License-Identifier: MIT
# Device sessions between native components: clients of each kind.

MORTAL_ENTROPY_SOURCES := servers/entropy/main.c $(addprefix lib/virtio/,server.c chain.c) tests/components/disks/mortal.c
$(eval $(call component,mortal-entropy,$(MORTAL_ENTROPY_SOURCES),-include tests/components/disks/mortal.h))
$(eval $(call component,entropy-client,tests/components/device-sessions/entropy.c tests/components/check.c,,))
$(eval $(call component,disk-writer,tests/components/device-sessions/writer.c tests/components/device-sessions/disk.c tests/components/check.c,,))
# The same, which notices that a request gets lost; and loses the record itself: the control for that.
WRITER_SOURCES := $(addprefix tests/components/device-sessions/,writer.c disk.c) tests/components/check.c
$(eval $(call component,served-writer,$(WRITER_SOURCES),-DLIVES=4 -DPATIENCE=4,))
$(eval $(call component,forgetful-writer,$(WRITER_SOURCES),-DLIVES=4 -DPATIENCE=4 -DFORGETS=1,))
# It ends between any two stores of the library, and amid writes: a copy of that of its own.
MORTAL_KEPT_DISK_SOURCES := $(wildcard servers/ram-disk/*.c) lib/virtio/server.c lib/virtio/chain.c lib/virtio/block.c tests/components/disks/mortal.c
$(eval $(call component,mortal-kept-disk,$(MORTAL_KEPT_DISK_SOURCES),-include tests/components/disks/mortal.h))
MORTAL_PARTITIONS_SOURCES := $(wildcard servers/partitions/*.c) $(addprefix lib/virtio/,server.c chain.c client.c) tests/components/disks/mortal.c
$(eval $(call component,mortal-partitions,$(MORTAL_PARTITIONS_SOURCES),-include tests/components/disks/mortal.h))
$(eval $(call component,frames,tests/components/device-sessions/frames.c tests/components/check.c,,))
$(eval $(call component,hooligan,tests/components/device-sessions/hooligan.c tests/components/check.c,,))
$(eval $(call component,foul-nic,tests/components/device-sessions/foul_nic.c tests/components/disks/foul.c,,))
MORTAL_SWITCH_SOURCES := $(wildcard servers/switch/*.c) $(addprefix lib/virtio/,server.c chain.c) tests/components/disks/mortal.c
$(eval $(call component,mortal-switch,$(MORTAL_SWITCH_SOURCES),-include tests/components/disks/mortal.h))
$(eval $(call component,console-client,tests/components/device-sessions/console.c tests/components/check.c,,))
# The same, which asks again for what was in flight: the control for "at most once".
$(eval $(call component,repeating-console,tests/components/device-sessions/console.c tests/components/check.c,-DREPEATS=1,))
$(eval $(call component,odd-console,tests/components/device-sessions/odd_console.c tests/components/check.c,,))
$(eval $(call component,foul-console,tests/components/device-sessions/foul_console.c,,))
MORTAL_MULTIPLEXER_SOURCES := $(wildcard servers/multiplexer/*.c) $(addprefix lib/virtio/,server.c chain.c) tests/components/disks/mortal.c
$(eval $(call component,mortal-multiplexer,$(MORTAL_MULTIPLEXER_SOURCES),-include tests/components/disks/mortal.h))

$(B)/components/gpt.disk: tests/components/device-sessions/gpt.py
	$(call say,GEN,$@)
	@mkdir -p $(dir $@)
	$(Q)python3 $< $@
ALL += $(B)/components/gpt.disk
