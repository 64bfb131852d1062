# SPDX-License-Identifier: MIT
# Host tests of the run-time library, the reader of system descriptions, and the ends of terminals.

USER_TEST_FLAGS := -std=gnu17 -O1 -g -MMD -MP -fsanitize=address,undefined -fno-sanitize-recover=all \
	-I. -Iabi -I$(B)/gen $(LIB_INCLUDES) -Ilib/purlin
USER_TEST := $(B)/host/user

$(USER_TEST).d/%.o: %.c $(GEN)
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(USER_TEST_FLAGS) $(WARNINGS) -c -o $@ $<
# Beside the C library's own functions, ours have other names.
$(USER_TEST).d/lib/c/%.o: lib/c/%.c
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(USER_TEST_FLAGS) $(WARNINGS) -fno-builtin -Dvsnprintf=own_vsnprintf -Dsnprintf=own_snprintf \
		-Dstrtoul=own_strtoul -Dstrtol=own_strtol -Dstrtoull=own_strtoull -c -o $@ $<

# $(call user_test,NAME,SOURCES,LIBRARIES)
define user_test
$(B)/host/user-$(1): $(patsubst %.c,$(USER_TEST).d/%.o,tests/host/lib/$(1)_test.c $(2))
	$$(call say,HOSTLD,$$@)
	$$(Q)$$(CC) -fsanitize=address,undefined -o $$@ $$^ -lcmocka $(3)
TESTS += $(B)/host/user-$(1)
-include $(patsubst %.c,$(USER_TEST).d/%.d,tests/host/lib/$(1)_test.c $(2))
endef

$(eval $(call user_test,archive,lib/formats/cpio.c lib/formats/elf.c,))
$(eval $(call user_test,format,lib/c/format.c lib/c/number.c,))
$(eval $(call user_test,allocators,lib/purlin/addresses.c lib/purlin/slots.c,))
$(eval $(call user_test,description,$(wildcard lib/description/*.c),-lfdt))
$(eval $(call user_test,addition,$(wildcard lib/description/*.c),-lfdt))
$(eval $(call user_test,line,drivers/uart/line.c,))
$(eval $(call user_test,channels,servers/multiplexer/channels.c lib/purlin/serves_word.c,))
$(eval $(call user_test,virtio,lib/virtio/chain.c lib/virtio/client.c lib/virtio/server.c,))
$(USER_TEST).d/lib/virtio/%.o: USER_TEST_FLAGS += -include tests/host/lib/virtio_step.h
