// Package runner runs the child process: replaced by exec, behind a pipe, or on a terminal of its own.
//
// It knows nothing of credentials. What it promises is that the child cannot be told from one that was started
// without it: its bytes, its exit status, its signals, its job control and its terminal.
//
//   - Exec replaces this process; nothing stays behind.
//   - Pipe puts a pipe (or, where our standard output is a terminal, the slave side of a pty) on the child's
//     standard output only. The child stays in our session and process group, so Ctrl-C, Ctrl-Z and the shell's job control are
//     the kernel's business and not ours. A Filter sees the output and may hold it back.
//   - Session gives the child a pty with a session of its own, and carries every byte between it and the real
//     terminal. Overlay pauses it for a panel over the running session.
//
// # Why a session has a keeper process
//
// The clients suspend themselves with kill(0, SIGTSTP) (measured on 2.1.165 and 2.1.330). A child that leads its
// own session is an orphaned process group, and POSIX has the kernel discard SIGTSTP there: the client would
// reset its terminal, send itself the signal, and then wait for a SIGCONT for ever. So between this process and the client
// stands a keeper, which is this program again under another argv[0]: it leads the new session and is the
// client's parent from outside the client's process group, which is all POSIX asks for. It reports stops to us and
// carries signals to the client, so that no signal can hit a reused pid.
//
// The keeper is at the same time the watchdog. When this process is killed with SIGKILL, the keeper finds its control
// pipe closed, resets the modes of the real terminal that the client had switched on (the kitty keyboard, mouse
// reports, the hidden cursor, the alternate screen; shells reset termios themselves but none of these), and ends the
// client: SIGHUP, then SIGTERM, then SIGKILL.
package runner
