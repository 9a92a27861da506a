/* Starts commands in turn and times each from vfork to wait: spawn ROUNDS COMMAND… [::: COMMAND…]…
   A command begins with the variables that are its whole environment, NAME=VALUE each.
   One line for each run on standard output: the command's number, nanoseconds, its resident set in KiB, its status.
   A small static C program, because the cost of starting a process depends on the size of who starts it. Each round
   begins with another command, so that none always runs in the shadow of the same one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 16

static long long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	char **commands[MOST], **environments[MOST];
	int n = 0, start = 1;
	int rounds = argc > 2 ? atoi(argv[1]) : 0;
	if (rounds < 1)
		return 2;
	for (int i = 2; i <= argc && n < MOST; i++)
		if (i == argc || !strcmp(argv[i], ":::")) {
			if (i < argc)
				argv[i] = NULL;
			char **words = argv + start + 1, **env = calloc(i - start + 1, sizeof *env);
			if (!env)
				return 1;
			environments[n] = env;
			for (; *words && strchr(*words, '='); words++)
				*env++ = *words;
			commands[n++] = words;
			start = i;
		}
	posix_spawn_file_actions_t quiet;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
	for (int r = 0; r < rounds; r++)
		for (int k = 0; k < n; k++) {
			int c = (r + k) % n, status;
			pid_t pid;
			struct rusage use;
			long long began = now();
			int err = posix_spawn(&pid, commands[c][0], &quiet, NULL, commands[c], environments[c]);
			if (err || wait4(pid, &status, 0, &use) != pid)
				return 1;
			long long took = now() - began;
			printf("%d %lld %ld %d\n", c, took, use.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		}
	return 0;
}
