package system

import "strings"

// WSL is what the Windows Subsystem for Linux offers to programs.
type WSL struct {
	Is      bool
	Interop bool // programs of Windows can be started
}

// WSL finds out whether this is a distribution of WSL. It asks the variables and the kernel's version that the client
// asks too. A container on WSL has the same kernel, but none of the variables, and its files are layers.
func (s System) WSL(variable func(name string) string) WSL {
	named := variable("WSL_DISTRO_NAME") != "" || variable("WSL_INTEROP") != ""
	kernel := s.hasKernelOfWSL() && !s.MountOf("/").IsLayers()
	if s.MacOS() || !named && !kernel {
		return WSL{}
	}
	return WSL{Is: true, Interop: s.hasInterop()}
}

func (s System) hasKernelOfWSL() bool {
	return strings.Contains(strings.ToLower(s.file("/proc/sys/kernel/osrelease")), "microsoft")
}

// hasInterop reports whether the kernel is told to hand programs of Windows to Windows. With systemd the entry is
// called WSLInterop-late.
func (s System) hasInterop() bool {
	for _, name := range []string{"WSLInterop", "WSLInterop-late"} {
		if strings.HasPrefix(s.file("/proc/sys/fs/binfmt_misc/"+name), "enabled") {
			return true
		}
	}
	return false
}
