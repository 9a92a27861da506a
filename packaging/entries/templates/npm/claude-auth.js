#!/usr/bin/env node
// Runs the program of the package for this platform, which npm has installed beside this one. The shell hook that
// `claude-auth install` adds runs that program itself, without node.
"use strict";
const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { basename } = require("node:path");

const platform = `@claude-auth/${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${platform}/bin/claude-auth`);
} catch {
  console.error(`claude-auth: npm has not installed ${platform}`);
  console.error("hint: install claude-auth without --omit=optional, or from a release: see its README");
  process.exit(1);
}
// Under the name claude-auth-wrapper the program is what an editor starts in place of Claude Code.
const child = spawn(program, process.argv.slice(2), { stdio: "inherit", argv0: basename(process.argv[1]) });
// The terminal sends these to the program too, which decides what they mean.
for (const signal of ["SIGINT", "SIGQUIT"]) process.on(signal, () => {});
// An editor sends these to this process alone.
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`claude-auth: cannot run ${program}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (status, signal) => process.exit(signal ? 128 + constants.signals[signal] : status));
