# SPDX-License-Identifier: MIT
UART_SOURCES := $(wildcard drivers/uart/*.c)
$(eval $(call component,uart,$(UART_SOURCES),,))
