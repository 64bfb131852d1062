// SPDX-License-Identifier: MIT
/* cipher DRIVER: 4096 bytes as that driver of Linux encrypts them, by AF_ALG; prints their sum. */
#include <linux/if_alg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEY_BYTES 16

static int encrypter(int cipher)
{
	static char control[CMSG_SPACE(sizeof(uint32_t)) +
			    CMSG_SPACE(sizeof(struct af_alg_iv) + KEY_BYTES)];
	struct msghdr message = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);
	int one = accept(cipher, NULL, NULL);

	part->cmsg_level = SOL_ALG;
	part->cmsg_type = ALG_SET_OP;
	part->cmsg_len = CMSG_LEN(sizeof(uint32_t));
	*(uint32_t *)CMSG_DATA(part) = ALG_OP_ENCRYPT;
	part = CMSG_NXTHDR(&message, part);
	part->cmsg_level = SOL_ALG;
	part->cmsg_type = ALG_SET_IV;
	part->cmsg_len = CMSG_LEN(sizeof(struct af_alg_iv) + KEY_BYTES);
	((struct af_alg_iv *)CMSG_DATA(part))->ivlen = KEY_BYTES;
	return one < 0 || sendmsg(one, &message, MSG_MORE) < 0 ? -1 : one;
}

int main(int words, char **word)
{
	struct sockaddr_alg name = { .salg_family = AF_ALG, .salg_type = "skcipher" };
	int cipher = socket(AF_ALG, SOCK_SEQPACKET, 0), one;
	unsigned char data[4096];
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * i + i / 256);
	if (words != 2)
		return 2;
	strncpy((char *)name.salg_name, word[1], sizeof(name.salg_name) - 1);
	if (bind(cipher, (struct sockaddr *)&name, sizeof(name)) ||
	    setsockopt(cipher, SOL_ALG, ALG_SET_KEY, "purlin's own key", KEY_BYTES)) {
		perror(word[1]);
		return 1;
	}
	one = encrypter(cipher);
	if (one < 0 || write(one, data, sizeof(data)) != sizeof(data) ||
	    read(one, data, sizeof(data)) != sizeof(data)) {
		perror("encrypting");
		return 1;
	}
	for (size_t i = 0; i < sizeof(data); i++)
		sum = sum * 31 + data[i];
	printf("%016lx\n", sum);
	return 0;
}
