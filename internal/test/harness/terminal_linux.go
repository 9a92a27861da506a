package harness

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const getTermios = unix.TCGETS

// Freeze stops the output, as Ctrl-S does and a hung ssh: nothing can be written to the terminal any more, whatever its
// settings are.
func (t *Terminal) Freeze() error {
	raw, err := t.master.SyscallConn()
	if err != nil {
		return fmt.Errorf("freeze a terminal: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		var slave int
		slave, failed = ptsOf(int(fd))
		if failed != nil {
			return
		}
		failed = unix.IoctlSetInt(slave, unix.TCXONC, unix.TCOOFF)
		_ = unix.Close(slave)
	})
	return errors.Join(err, failed)
}

// ptsOf opens the other side of a master.
func ptsOf(master int) (int, error) {
	number, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		return -1, err
	}
	return unix.Open(fmt.Sprintf("/dev/pts/%d", number), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
}

// Still waits until the program only waits: it sleeps, and has used no processor time for half a second.
func (t *Terminal) Still() error {
	var last []byte
	looks := 0
	for deadline := time.Now().Add(Patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", t.Command.Process.Pid))
		if err != nil {
			return fmt.Errorf("look at a program: %w", err)
		}
		if looks++; !bytes.Equal(stat, last) || !bytes.Contains(stat, []byte(") S ")) {
			last, looks = stat, 0
		}
		if looks == 10 {
			return nil
		}
	}
	return errors.New("the program never only waited")
}
