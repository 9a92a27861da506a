package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// nextVersion is the next release. A build from a checkout has it.
const nextVersion = "0.2.0"

// A release is linked with these (.goreleaser.yaml), and its bytes depend on nothing else of the checkout. Elsewhere
// they are empty.
var (
	linkedVersion string // without a `v`
	linkedCommit  string // the whole hash
	linkedDate    string // of the commit, as in RFC 3339
)

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
	Commit  string `json:"commit,omitempty"`  // the whole hash; 12 digits if Go fetched the module
	Date    string `json:"date,omitempty"`    // of the commit, in UTC
	Changed bool   `json:"changed,omitempty"` // the checkout had changes that are not in the commit
	Go      string `json:"go"`                // the version that built it
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
	v := versionDocument{
		Schema: 1, Version: linkedVersion, Commit: linkedCommit, Date: inUTC(linkedDate),
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
	}
	if v.Version == "" {
		info, _ := debug.ReadBuildInfo() // nil where the program has none
		v.fromBuild(info)
	}
	return v
}

// fromBuild fills in what Go itself has noted: in a checkout the commit, for `go install …@VERSION` the version.
func (v *versionDocument) fromBuild(info *debug.BuildInfo) {
	v.Version = nextVersion
	if info == nil {
		return
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			v.Commit = setting.Value
		case "vcs.time":
			v.Date = inUTC(setting.Value)
		case "vcs.modified":
			v.Changed = setting.Value == "true"
		}
	}
	module, _, _ := strings.Cut(info.Main.Version, "+") // "+dirty"
	release, isVersion := strings.CutPrefix(module, "v")
	switch commit, date, isPseudo := cutPseudoVersion(module); {
	case isPseudo && v.Commit == "":
		v.Commit, v.Date = commit, date
	case isVersion && !isPseudo:
		v.Version = release
	}
}

// cutPseudoVersion reads the version that Go makes for a commit without a tag: v0.1.1-0.20261127103000-12e0f15abcde.
func cutPseudoVersion(version string) (commit, date string, ok bool) {
	const digits = 12
	rest, commit, found := cutLast(version, "-")
	if !found || len(commit) != digits {
		return "", "", false
	}
	stamp := rest[strings.LastIndexAny(rest, "-.")+1:]
	at, err := time.Parse("20060102150405", stamp)
	if err != nil {
		return "", "", false
	}
	return commit, at.Format(time.RFC3339), true
}

func cutLast(text, sep string) (before, after string, found bool) {
	if at := strings.LastIndex(text, sep); at >= 0 {
		return text[:at], text[at+len(sep):], true
	}
	return text, "", false
}

// inUTC writes a time of RFC 3339 as all JSON of this program has it.
func inUTC(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// String is the version with the beginning of the commit and its day, if the build knows them, and the platform.
func (v versionDocument) String() string {
	const short = 12
	text := v.Version + " ("
	if v.Commit != "" {
		text += "commit " + v.Commit[:min(len(v.Commit), short)]
		if v.Changed {
			text += " and changes"
		}
		text += ", "
	}
	if day, _, found := strings.Cut(v.Date, "T"); found {
		text += day + ", "
	}
	return fmt.Sprintf("%s%s, %s/%s)", text, v.Go, v.OS, v.Arch)
}
