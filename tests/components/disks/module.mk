# SPDX-License-Identifier: MIT
# Disks by sessions: clients, a server that ends again and again, and the disk, which ends amid a sector.

$(eval $(call component,disk-client,tests/components/disks/client.c tests/components/disks/session.c tests/components/check.c,,))
$(eval $(call component,disk-vandal,tests/components/disks/vandal.c tests/components/disks/session.c tests/components/check.c,,))
# Its own copy of the library, since it ends between any two stores of that.
MORTAL_DISK_SOURCES := $(MODULE_DISK_SOURCES) lib/virtio/server.c lib/virtio/chain.c tests/components/disks/mortal.c
$(eval $(call component,mortal-disk,$(MORTAL_DISK_SOURCES),-include tests/components/disks/mortal.h))
# A disk for Linux, which is written, too; its server ends as mortal-disk does, or plays foul.
RAM_DISK_SOURCES := $(addprefix tests/components/disks/,ram_disk.c foul.c)
$(eval $(call component,disk-keeper,tests/components/disks/keeper.c,,))
$(eval $(call component,foul-disk,$(RAM_DISK_SOURCES),,))
RAM_DISK_SOURCES += lib/virtio/server.c lib/virtio/chain.c tests/components/disks/mortal.c
$(eval $(call component,mortal-ram-disk,$(RAM_DISK_SOURCES),-include tests/components/disks/mortal.h))

$(B)/components/test.disk: tests/components/disks/module.mk
	$(call say,GEN,$@)
	@mkdir -p $(dir $@)
	$(Q)python3 -c 'import random, sys; random.seed(1); sys.stdout.buffer.write(random.randbytes(1000001))' > $@
ALL += $(B)/components/test.disk
