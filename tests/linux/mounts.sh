#!/bin/sh
# SPDX-License-Identifier: MIT
# vfat and ext2 (by the ext4 driver) on loop devices, made, filled, remounted and read back.
set -e
cd /tmp
mkdir -p here
for kind in vfat ext2; do
	dd if=/dev/zero of=image bs=1M count=8 2>/dev/null
	case $kind in
	vfat) mkdosfs image >/dev/null ;;
	ext2) mke2fs -F image >/dev/null 2>&1 ;;
	esac
	mount -o loop image here
	seq 1 20000 > here/numbers
	mkdir here/folder
	cp /bin/busybox here/folder/
	umount here
	mount -o loop,ro image here
	echo "$kind: $(md5sum < here/numbers)"
	cmp /bin/busybox here/folder/busybox && echo "$kind: same"
	touch here/new 2>/dev/null || echo "$kind: read-only"
	umount here
	rm image
done
rmdir here
