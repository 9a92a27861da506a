package cmd

import (
	"runtime/debug"
	"testing"
)

// What `version` says depends on how Go built the program.
func TestVersionOfABuild(t *testing.T) {
	setting := func(key, value string) debug.BuildSetting { return debug.BuildSetting{Key: key, Value: value} }
	checkout := []debug.BuildSetting{
		setting("vcs.revision", "12e0f15aaaaabbbbbcccccdddddeeeeefffff000"),
		setting("vcs.time", "2026-11-27T10:30:00Z"), setting("vcs.modified", "true"),
	}
	const whole = "12e0f15aaaaabbbbbcccccdddddeeeeefffff000"
	for name, test := range map[string]struct {
		module   string
		settings []debug.BuildSetting
		want     versionDocument
	}{
		"without version control": {"(devel)", nil, versionDocument{Version: nextVersion}},
		"a checkout": {"v0.0.0-20261127103000-12e0f15aaaaa+dirty", checkout,
			versionDocument{Version: nextVersion, Commit: whole, Date: "2026-11-27T10:30:00Z", Changed: true}},
		"a tagged checkout": {"v0.3.1", checkout[:2],
			versionDocument{Version: "0.3.1", Commit: whole, Date: "2026-11-27T10:30:00Z"}},
		"go install of a release":   {"v0.3.1", nil, versionDocument{Version: "0.3.1"}},
		"go install of a candidate": {"v0.3.1-rc.1", nil, versionDocument{Version: "0.3.1-rc.1"}},
		"go install of a commit": {"v0.3.2-0.20261127103000-12e0f15aaaaa", nil,
			versionDocument{Version: nextVersion, Commit: "12e0f15aaaaa", Date: "2026-11-27T10:30:00Z"}},
	} {
		info := debug.BuildInfo{Settings: test.settings}
		info.Main.Version = test.module
		var got versionDocument
		got.fromBuild(&info)
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestVersionForPeople(t *testing.T) {
	v := versionDocument{
		Version: "0.3.1", Commit: "12e0f15aaaaabbbbb", Date: inUTC("2026-11-27T01:30:00+02:00"),
		Go: "go1.26", OS: "linux", Arch: "arm64",
	}
	for want, v := range map[string]versionDocument{
		"0.3.1 (commit 12e0f15aaaaa, 2026-11-26, go1.26, linux/arm64)": v,
		"0.3.1 (go1.26, linux/arm64)":                                  {Version: "0.3.1", Go: v.Go, OS: v.OS, Arch: v.Arch},
	} {
		if got := v.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
