# SPDX-License-Identifier: MIT
# Host tests of the code that writes x86-64 page tables: physical addresses are those of the program.

TABLES_TEST_FLAGS := -std=gnu17 -O1 -g -MMD -MP -fsanitize=address,undefined -fno-sanitize-recover=all \
	-include tests/host/x86_64/layout.h -Ikernel -Ikernel/arch/x86_64 -Iabi -I$(B)/gen -I.
TABLES_TEST := $(B)/host/x86_64
TABLES_TEST_OBJECTS := $(patsubst %.c,$(TABLES_TEST).d/%.o,tests/host/x86_64/cursor_test.c \
	$(addprefix kernel/arch/x86_64/memory/,cursor.c tables.c range.c))

$(TABLES_TEST).d/%.o: %.c $(GEN)
	$(call say,HOSTCC,$<)
	@mkdir -p $(dir $@)
	$(Q)$(CC) $(TABLES_TEST_FLAGS) $(WARNINGS) -c -o $@ $<

$(B)/host/x86_64-cursor: $(TABLES_TEST_OBJECTS)
	$(call say,HOSTLD,$@)
	$(Q)$(CC) -fsanitize=address,undefined -o $@ $^ -lcmocka
TESTS += $(B)/host/x86_64-cursor
-include $(TABLES_TEST_OBJECTS:.o=.d)
