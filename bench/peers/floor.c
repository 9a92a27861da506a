/* The floor: the least that a program can do which answers from the credentials file. Linked statically, so that no
   dynamic loader is in the way. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct stat st;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &st) < 0)
		return 1;
	char *text = malloc(st.st_size);
	ssize_t n = text ? read(fd, text, st.st_size) : -1;
	if (n < 0 || !memmem(text, n, "\"expiresAt\"", 11))
		return 4;
	return 0;
}
