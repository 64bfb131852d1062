# SPDX-License-Identifier: MIT
# A Linux that attacks: the first program of its root, and a native neighbour.
HOSTILE := tests/components/hostile
$(eval $(call component,hostile-neighbour,$(addprefix tests/components/,edu/edu.c shared-line/line.c hostile/neighbour.c),,))

# No red zone, and nothing that is not in its own text: a part of it is laid over a Linux's.
$(B)/tests/linux/hostile: $(wildcard $(HOSTILE)/linux/*.c $(HOSTILE)/linux/*.h) $(HOSTILE)/module.mk
	$(call say,CC,$(HOSTILE)/linux)
	@mkdir -p $(dir $@)
	$(Q)gcc -std=gnu17 -O1 -g -mno-red-zone -Wall -Wextra -Werror -static -o $@ $(filter %.c,$^)

linux-tests: $(B)/tests/linux/hostile
