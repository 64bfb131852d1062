# SPDX-License-Identifier: MIT
"""A program of some tens of files to compile, always the same one, and what a C compiler wants to find around it."""
import subprocess
from pathlib import Path

from bench import debian
from common import Refused

FILES = 40
FUNCTIONS = 24
FOLDER = "macro/source"
HEADERS = "stdio.h stdlib.h string.h stdint.h ctype.h errno.h".split()
LIBRARY_FOLDER = Path("/usr/lib/x86_64-linux-gnu")
LIBRARY_FILES = "crt1.o crti.o crtn.o libc.so libc_nonshared.a libc.so.6 ld-linux-x86-64.so.2".split()
BUILD = f"""\
cd /{FOLDER} || exit 1
for file in *.c; do
	/macro/bin/tcc -c -o /tmp/${{file%.c}}.o $file || exit 1
done
/macro/bin/tcc -o /tmp/program /tmp/*.o && /tmp/program
"""


def function(file, number):
    callee = f"part{file}_{number - 1}(list, count - 1)" if number else "count"
    return f"""
static long part{file}_{number}(struct item *list, int count)
{{
	long sum = {file * FUNCTIONS + number};

	for (int i = 0; i < count; i++) {{
		struct item *one = &list[i % 16];

		switch ((one->kind + i) % 4) {{
		case 0:
			sum += one->value * {number + 3} + (sum >> 3);
			break;
		case 1:
			sum ^= (long)strlen(one->name) << (i & 7);
			break;
		case 2:
			snprintf(one->name, sizeof(one->name), "item %d of %ld", i, sum & 0xff);
			break;
		default:
			one->value = (int)(sum % {number + 7}) - (isdigit((unsigned char)one->name[0]) ? 1 : 0);
		}}
	}}
	return count > 0 ? sum + {callee} : sum;
}}
"""


def text(file):
    includes = "".join(f"#include <{header}>\n" for header in HEADERS)
    head = f'{includes}#include "item.h"\n'
    last = f"\nlong file{file}(struct item *list)\n{{\n\treturn part{file}_{FUNCTIONS - 1}(list, 8);\n}}\n"
    return head + "".join(function(file, number) for number in range(FUNCTIONS)) + last


def main_text():
    declared = "".join(f"long file{file}(struct item *list);\n" for file in range(FILES - 1))
    calls = "".join(f"\tsum += file{file}(list);\n" for file in range(FILES - 1))
    return (
        f'#include <stdio.h>\n#include "item.h"\n{declared}\nint main(void)\n{{\n\tstatic struct item list[16];\n\tlong sum = 0;\n\n'
        f'{calls}\tprintf("%ld\\n", sum);\n\treturn 0;\n}}\n'
    )


def program():
    """{path: bytes} of the sources."""
    item = "struct item {\n\tint kind, value;\n\tchar name[32];\n};\n"
    files = {f"{FOLDER}/item.h": item.encode(), f"{FOLDER}/main.c": main_text().encode()}
    for file in range(FILES - 1):
        files[f"{FOLDER}/file{file:02}.c"] = text(file).encode()
    return files


def headers():
    """The C library's headers the program reads, as this machine has them."""
    source = "".join(f"#include <{header}>\n" for header in HEADERS)
    listed = subprocess.run(
        ["gcc", "-M", "-x", "c", "-"], input=source, stdout=subprocess.PIPE, text=True, check=False
    ).stdout
    return [Path(word) for word in listed.split() if word.startswith("/usr/include")]


def surroundings():
    """{path in the archive: bytes}: headers, start files and tcc's own parts."""
    libraries = [LIBRARY_FOLDER / name for name in LIBRARY_FILES]
    for path in libraries:
        if not path.exists():
            raise Refused(f"{path}: missing (package libc6-dev)", 1)
    files = {str(path).lstrip("/"): path.read_bytes() for path in [*headers(), *libraries]}
    own = debian.unpacked("tcc")
    for path in (own / "usr/lib").rglob("*"):
        if path.is_file():
            files[str(path.relative_to(own))] = path.read_bytes()
    return files


def files():
    return {**program(), **surroundings(), "macro/compile": BUILD.encode()}
