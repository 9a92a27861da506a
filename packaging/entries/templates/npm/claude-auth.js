#!/usr/bin/env node
// Runs the program of the package for this platform, which npm has installed beside this one. The shell hook that
// `claude-auth install` adds runs that program itself, without node.
"use strict";
const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

const platform = `@claude-auth/${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${platform}/bin/claude-auth`);
} catch {
  console.error(`claude-auth: npm has not installed ${platform}`);
  console.error("hint: install claude-auth without --omit=optional, or from a release: see its README");
  process.exit(1);
}
// The terminal sends Ctrl-C to the program too, which decides what it means.
for (const signal of ["SIGINT", "SIGQUIT"]) process.on(signal, () => {});
const { status, signal, error } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`claude-auth: cannot run ${program}: ${error.message}`);
  process.exit(1);
}
process.exit(signal ? 128 + constants.signals[signal] : status);
