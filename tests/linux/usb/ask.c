// SPDX-License-Identifier: MIT
/*
 * Devices for which Linux has no driver of its own, used through usbfs as programs do:
 *
 *   ask VENDOR:PRODUCT slot          a reader of smart cards: prints the state of its slot (CCID
 *                                    specification, revision 1.1, 6.1.2 and 6.2.2)
 *   ask VENDOR:PRODUCT files FOLDER  a device with files (PTP, ISO 15740; MTP 1.1): writes the
 *                                    content of each as FOLDER/HANDLE
 *
 * Prints a line and returns 1 when the device is not there or answers something else.
 */
#include <fcntl.h>
#include <glob.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MILLISECONDS 10000
#define PIECE 16384 /* bytes that one transfer asks for */

static struct {
	int file;
	unsigned int in, out; /* bulk endpoints of the first interface */
} device;

static void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	printf("ask: ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	exit(1);
}

static void find_endpoints(const uint8_t *from, const uint8_t *end)
{
	for (; end - from >= 2 && from[0] >= 2 && from[0] <= end - from; from += from[0]) {
		const struct usb_endpoint_descriptor *endpoint = (const void *)from;

		if (from[1] != USB_DT_ENDPOINT || from[0] < USB_DT_ENDPOINT_SIZE ||
		    endpoint->bmAttributes != USB_ENDPOINT_XFER_BULK)
			continue;
		if (endpoint->bEndpointAddress & USB_DIR_IN)
			device.in = endpoint->bEndpointAddress;
		else
			device.out = endpoint->bEndpointAddress;
	}
}

static void find(unsigned int vendor, unsigned int product)
{
	unsigned int interface = 0;
	glob_t nodes;

	if (glob("/dev/bus/usb/*/*", 0, NULL, &nodes))
		give_up("no device at all");
	for (size_t i = 0; i < nodes.gl_pathc; i++) {
		uint8_t descriptors[4096];
		int file = open(nodes.gl_pathv[i], O_RDWR);
		ssize_t bytes = read(file, descriptors, sizeof(descriptors));
		const struct usb_device_descriptor *about = (const void *)descriptors;

		if (bytes > USB_DT_DEVICE_SIZE && about->idVendor == vendor &&
		    about->idProduct == product) {
			find_endpoints(descriptors + USB_DT_DEVICE_SIZE, descriptors + bytes);
			device.file = file;
			if (!device.in || !device.out)
				give_up("no bulk endpoints");
			if (ioctl(file, USBDEVFS_CLAIMINTERFACE, &interface))
				give_up("the interface is taken");
			return;
		}
		close(file);
	}
	give_up("%04x:%04x is not there", vendor, product);
}

static size_t transfer(unsigned int endpoint, void *data, size_t bytes)
{
	struct usbdevfs_bulktransfer bulk = { endpoint, (unsigned int)bytes, MILLISECONDS, data };
	int done = ioctl(device.file, USBDEVFS_BULK, &bulk);

	if (done < 0)
		give_up("transfer of %zu bytes: %m", bytes);
	return (size_t)done;
}

static void slot(void)
{
	enum { GET_SLOT_STATUS = 0x65, SLOT_STATUS = 0x81, SEQUENCE = 7 };
	uint8_t words[10] = { [0] = GET_SLOT_STATUS, [6] = SEQUENCE }, answer[64];
	size_t bytes;

	transfer(device.out, words, sizeof(words));
	bytes = transfer(device.in, answer, sizeof(answer));
	if (bytes != 10 || answer[0] != SLOT_STATUS || answer[6] != SEQUENCE)
		give_up("%zu bytes, type %#x, sequence %u", bytes, answer[0], answer[6]);
	printf("slot: %s\n", (answer[7] & 3) == 2 ? "no card" : "a card");
}

struct container {
	uint32_t bytes;
	uint16_t type, code;
	uint32_t transaction, words[3];
};

enum { COMMAND = 1, DATA, RESPONSE };
enum { OPEN_SESSION = 0x1002, GET_OBJECT_HANDLES = 0x1007, GET_OBJECT = 0x1009, OK = 0x2001 };
#define HEADER 12u
#define EVERYONE 0xffffffffu /* all storages; objects without a parent */

/* Asks with up to three words; what comes back, or NULL. */
static uint8_t *answered(uint16_t code, uint32_t word0, uint32_t word1, uint32_t word2,
			 size_t *payload)
{
	static uint32_t transaction;
	struct container command = {
		sizeof(command), COMMAND, code, transaction++, { word0, word1, word2 }
	};
	static uint8_t piece[PIECE];
	const struct container *head = (const void *)piece;
	uint8_t *whole = NULL;
	size_t bytes, have = 0, total;

	transfer(device.out, &command, sizeof(command));
	bytes = transfer(device.in, piece, sizeof(piece));
	if (bytes >= HEADER && head->type == DATA) {
		total = head->bytes;
		if (total < bytes)
			give_up("operation %#x: %zu bytes of %zu", code, bytes, total);
		whole = malloc(total);
		for (;;) {
			memcpy(whole + have, piece, bytes);
			have += bytes;
			if (have == total)
				break;
			bytes = transfer(device.in, piece, sizeof(piece));
			if (!bytes || bytes > total - have)
				give_up("operation %#x: %zu bytes of %zu", code, have, total);
		}
		*payload = total - HEADER;
		/* Data that fill their last packet are followed by an empty one. */
		while (!(bytes = transfer(device.in, piece, sizeof(piece))))
			;
	}
	if (bytes < HEADER || head->type != RESPONSE || head->code != OK)
		give_up("operation %#x: response %#x", code, head->code);
	return whole;
}

static void files(const char *folder)
{
	size_t bytes = 0;
	uint32_t *handles;
	uint8_t *list;

	free(answered(OPEN_SESSION, 1, 0, 0, &bytes));
	list = answered(GET_OBJECT_HANDLES, EVERYONE, 0, EVERYONE, &bytes);
	if (!list)
		give_up("no list of handles");
	handles = (void *)(list + HEADER);
	if (bytes < 4 || bytes / 4 - 1 < handles[0])
		give_up("a list of handles that is too short");
	mkdir(folder, 0755);
	for (uint32_t i = 1; i <= handles[0]; i++) {
		uint8_t *content = answered(GET_OBJECT, handles[i], 0, 0, &bytes);
		char name[256];
		FILE *file;

		snprintf(name, sizeof(name), "%s/%u", folder, handles[i]);
		file = fopen(name, "w");
		if (!content || !file || fwrite(content + HEADER, 1, bytes, file) != bytes ||
		    fclose(file))
			give_up("%s: %m", name);
		free(content);
	}
	free(list);
}

int main(int argc, char **argv)
{
	unsigned int vendor, product;

	if (argc < 3 || sscanf(argv[1], "%x:%x", &vendor, &product) != 2)
		give_up("ask VENDOR:PRODUCT slot | files FOLDER");
	find(vendor, product);
	if (!strcmp(argv[2], "slot"))
		slot();
	else if (!strcmp(argv[2], "files") && argc == 4)
		files(argv[3]);
	else
		give_up("%s: no such question", argv[2]);
	return 0;
}
