#!/usr/bin/env node
// Runs the program of the package for this platform, which npm has installed beside this one. The shell hook that
// `claude-auth install` adds runs that program itself, without node.
"use strict";
const { spawn } = require("node:child_process");
const { constants } = require("node:os");

// run starts the program by a name. An editor starts it as claude-auth-wrapper in place of Claude Code.
exports.run = (name) => {
  const platform = `@claude-auth/${process.platform}-${process.arch}`;
  let program;
  try {
    program = require.resolve(`${platform}/bin/claude-auth`);
  } catch {
    console.error(`claude-auth: npm has not installed ${platform}`);
    console.error("hint: install claude-auth without --omit=optional, or from a release: see its README");
    process.exit(1);
  }
  // The terminal sends these to the program too, which decides what they mean.
  for (const signal of ["SIGINT", "SIGQUIT"]) process.on(signal, () => {});
  // An editor sends these to this process alone. node tells of them only when the program has been started.
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  const child = spawn(program, process.argv.slice(2), { stdio: "inherit", argv0: name });
  child.on("error", (error) => {
    console.error(`claude-auth: cannot run ${program}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (status, signal) => process.exit(signal ? 128 + constants.signals[signal] : status));
};

if (require.main === module) exports.run("claude-auth");
