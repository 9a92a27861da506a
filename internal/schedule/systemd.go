package schedule

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// The units of systemd's user manager.
const (
	unit        = "claude-auth-renew"
	timerUnit   = unit + ".timer"
	serviceUnit = unit + ".service"
)

// systemd runs the job by a timer of the user's own systemd.
type systemd struct {
	commands
	timer, service, link string // their files; the link is what enables the timer
}

func newSystemd(env paths.Env, p paths.Paths, run commands) *systemd {
	config := env.Get("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(p.Home, ".config")
	}
	dir := filepath.Join(config, "systemd", "user")
	return &systemd{
		commands: run, timer: filepath.Join(dir, timerUnit), service: filepath.Join(dir, serviceUnit),
		link: filepath.Join(dir, "timers.target.wants", timerUnit),
	}
}

func (s *systemd) Name() string { return "systemd" }

func (s *systemd) Usable(ctx context.Context) error {
	_, err := s.run(ctx, "", "systemctl", "--user", "show", "--property=Version")
	if err != nil {
		return fmt.Errorf("your systemd user manager cannot be reached (%w)", reason(err))
	}
	return nil
}

func (s *systemd) TurnOn(ctx context.Context, job Job) ([]Step, error) {
	service := serviceText(job)
	written := contains(s.service, service) && contains(s.timer, timerText)
	if written && s.problem(ctx) == "" {
		return nil, nil
	}
	return []Step{
		{Write: s.service, Text: service, Mode: 0o644},
		{Write: s.timer, Text: timerText, Mode: 0o644},
		s.step("systemctl", "--user", "daemon-reload"),
		s.step("systemctl", "--user", "enable", timerUnit),
		s.step("systemctl", "--user", "restart", timerUnit),
	}, nil
}

// TurnOff does not stop the service: a renewal that has begun must not be cut off.
func (s *systemd) TurnOff(ctx context.Context) ([]Step, error) {
	if !exists(s.timer) && !exists(s.service) && !exists(s.link) {
		return nil, nil
	}
	reachable := s.Usable(ctx) == nil
	var steps []Step
	if reachable {
		steps = append(steps, s.may("systemctl", "--user", "disable", "--now", timerUnit))
	}
	for _, path := range []string{s.link, s.timer, s.service} {
		steps = append(steps, Step{Remove: path})
	}
	if reachable {
		steps = append(steps,
			s.may("systemctl", "--user", "daemon-reload"),
			s.may("systemctl", "--user", "reset-failed", timerUnit, serviceUnit)) // fails unless one has failed
	}
	return steps, nil
}

// problem says why the timer does not run, though its files are there; "" when it runs.
func (s *systemd) problem(ctx context.Context) string {
	timer, err := s.properties(ctx, "systemctl", "--user", "show", timerUnit,
		"--property=ActiveState", "--property=UnitFileState")
	switch {
	case err != nil:
		return "systemd's user manager can't be reached: " + reason(err).Error()
	case timer["UnitFileState"] != "enabled":
		return "its timer is not enabled"
	case timer["ActiveState"] != "active":
		return "its timer does not run"
	}
	return ""
}

func (s *systemd) State(ctx context.Context) (State, error) {
	if !exists(s.timer) {
		return State{}, nil
	}
	state := State{On: true, Problem: s.problem(ctx)}
	if state.Problem != "" {
		return state, nil
	}
	shown, err := s.properties(ctx, "systemctl", "--user", "show", timerUnit, serviceUnit,
		"--property=NextElapseUSecRealtime", "--property=ExecMainStatus", "--property=ExecMainExitTimestamp")
	if err != nil {
		return state, err
	}
	state.Next = systemdTime(shown["NextElapseUSecRealtime"])
	state.Last.At = systemdTime(shown["ExecMainExitTimestamp"])
	state.Last.Status, _ = strconv.Atoi(shown["ExecMainStatus"]) // it prints a number
	state.Linger = s.linger(ctx)
	return state, nil
}

// linger reports whether the user's manager runs while the user is logged out; nil when that is not known.
func (s *systemd) linger(ctx context.Context) *bool {
	user, err := s.properties(ctx, "loginctl", "show-user", strconv.Itoa(s.uid), "--property=Linger")
	if err != nil || user["Linger"] == "" {
		return nil
	}
	yes := user["Linger"] == "yes"
	return &yes
}

// systemdTime reads a time as systemctl prints it under TZ=UTC; zero for none.
func systemdTime(text string) time.Time {
	at, _ := time.Parse("Mon 2006-01-02 15:04:05 MST", text) // "" or n/a: zero
	return at
}

// timerText is the timer. OnCalendar counts the time that the machine sleeps, so a run is made up for right after it
// wakes. The delay keeps all machines of the world from asking in the same second.
const timerText = `# Written by 'claude-auth schedule on'; 'claude-auth schedule off' removes it.
[Unit]
Description=Renew the Claude Code login before it expires

[Timer]
OnCalendar=*:0/5
RandomizedDelaySec=30
AccuracySec=30

[Install]
WantedBy=timers.target
`

// serviceText is the service.
//
// The renewal itself is done by a process that `renew` leaves in the cgroup. KillMode=process lets it live on when the
// service ends. At a logout systemd waits for `renew`, which waits for that process, because SIGCONT ends nobody:
// measured with 252, where the default has it killed.
//
// Status 75, somebody else has the lock, is no failure: the next run is soon. A sign-in that is needed (4) is one, so
// that `systemctl --user --failed` and what shows that on a desktop tell the user. LogLevelMax leaves out the two lines
// that systemd would log for each run, but no message of the program's.
func serviceText(job Job) string {
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	line("# Written by 'claude-auth schedule on'; 'claude-auth schedule off' removes it.")
	line("[Unit]")
	line("Description=Renew the Claude Code login if that is due")
	line("")
	line("[Service]")
	line("Type=oneshot")
	command := job.words()
	for i, word := range command {
		command[i] = strings.ReplaceAll(quoteUnit(word), "$", "$$")
	}
	line("ExecStart=%s", strings.Join(command, " "))
	for _, pair := range job.Env {
		line("Environment=%s", quoteUnit(pair))
	}
	if len(job.Unset) > 0 {
		line("UnsetEnvironment=%s", strings.Join(job.Unset, " "))
	}
	for _, setting := range []string{
		"SuccessExitStatus=75", "TimeoutStartSec=120", "TimeoutStopSec=90", "KillMode=process", "KillSignal=SIGCONT",
		"NoNewPrivileges=yes", "SyslogLevel=notice", "LogLevelMax=notice",
	} {
		line("%s", setting)
	}
	return text.String()
}

// quoteUnit quotes a word for a unit file. A dollar sign means something only in ExecStart.
func quoteUnit(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`).Replace(word) + `"`
}
