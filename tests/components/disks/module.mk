# SPDX-License-Identifier: MIT
# Disks by sessions: clients, a server that ends again and again, and the disk, which ends amid a sector.

DISKS := tests/components/disks
$(eval $(call component,disk-client,$(DISKS)/client.c $(DISKS)/session.c tests/components/check.c,,))
$(eval $(call component,disk-vandal,$(DISKS)/vandal.c $(DISKS)/session.c tests/components/check.c,,))
# Its own copy of the library, since it ends between any two stores of that.
MORTAL_DISK_SOURCES := $(MODULE_DISK_SOURCES) lib/virtio/server.c lib/virtio/chain.c $(DISKS)/mortal.c
$(eval $(call component,mortal-disk,$(MORTAL_DISK_SOURCES),-include $(DISKS)/mortal.h))

$(B)/components/test.disk: $(DISKS)/module.mk
	$(call say,GEN,$@)
	@mkdir -p $(dir $@)
	$(Q)python3 -c 'import random, sys; random.seed(1); sys.stdout.buffer.write(random.randbytes(1000001))' > $@
ALL += $(B)/components/test.disk
