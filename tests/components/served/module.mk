# SPDX-License-Identifier: MIT
# Clients of a Linux that serves disks and networks.

SERVED_CRIMES := tests/components/served/crimes.c tests/components/check.c
SERVED_PREY := tests/components/served/disk_prey.c tests/components/device-sessions/disk.c $(SERVED_CRIMES)
$(eval $(call component,lent-vandal,tests/components/served/lent_vandal.c $(SERVED_PREY),,))
$(eval $(call component,served-vandal,tests/components/served/vandal.c $(SERVED_PREY),,))
SERVED_STATION := tests/components/served/station.c tests/components/check.c
# One for each queue: init keeps a number of sessions for each component.
$(eval $(call component,receive-vandal,tests/components/served/nic_vandal.c $(SERVED_STATION) tests/components/served/crimes.c,-DCRIMES_IN=0,))
$(eval $(call component,transmit-vandal,tests/components/served/nic_vandal.c $(SERVED_STATION) tests/components/served/crimes.c,-DCRIMES_IN=1,))
$(eval $(call component,honest-vandal,tests/components/served/nic_vandal.c $(SERVED_STATION) tests/components/served/crimes.c,-DCRIMES_IN=1 -DHONEST=1,))
$(eval $(call component,nic-sender,tests/components/served/nic_sender.c $(SERVED_STATION),,))
# The same, which notices that a frame comes twice; and sends some twice itself: the control for that.
$(eval $(call component,repeating-sender,tests/components/served/nic_sender.c $(SERVED_STATION),-DREPEATS=1,))
