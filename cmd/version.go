package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

// version is the next release.
const version = "0.1.0"

var _ = register("version", func() command {
	return command{
		group: groupMore, rank: 40,
		usage:     "print the version",
		run:       (*program).version,
		readsOnly: true, needsNoHome: true,
		examples: "claude-auth version   # print the version",
	}
})

func (p *program) version(*cli.Context) error {
	p.ui.Printf("claude-auth %s\n", versionText())
	return nil
}

// versionText is the version with the commit, if the build knows it, and the platform.
func versionText() string {
	text := version
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
				text += "+" + setting.Value[:12]
			}
		}
	}
	return fmt.Sprintf("%s (%s, %s/%s)", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
