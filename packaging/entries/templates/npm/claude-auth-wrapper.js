#!/usr/bin/env node
"use strict";
require("./claude-auth.js").run("claude-auth-wrapper");
