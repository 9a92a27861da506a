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
		flags:     []cli.Flag{jsonFlag()},
		run:       (*program).version,
		readsOnly: true, needsNoHome: true, badSettings: passBadSetting,
		examples: "claude-auth version   # print the version\n" +
			"claude-auth version --json   # for a program",
	}
})

// versionDocument is the output of --json. Members are only ever added.
type versionDocument struct {
	Schema  int    `json:"schema"`
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"` // the whole hash
	Go      string `json:"go"`               // the version that built it
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func (p *program) version(c *cli.Context) error {
	if c.Bool("json") {
		return p.ui.JSON(thisVersion())
	}
	p.ui.Printf("claude-auth %s\n", thisVersion())
	return nil
}

func thisVersion() versionDocument {
	v := versionDocument{1, version, "", runtime.Version(), runtime.GOOS, runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				v.Commit = setting.Value
			}
		}
	}
	return v
}

// String is the version with the beginning of the commit, if the build knows it, and the platform.
func (v versionDocument) String() string {
	const short = 12
	text := v.Version
	if len(v.Commit) >= short {
		text += "+" + v.Commit[:short]
	}
	return fmt.Sprintf("%s (%s, %s/%s)", text, v.Go, v.OS, v.Arch)
}
