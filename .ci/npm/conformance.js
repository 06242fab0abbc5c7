#!/usr/bin/env node
// Runs the binary for this machine's platform, which comes with an optional dependency.
"use strict";
const { spawn } = require("node:child_process");
const { constants } = require("node:os");

const name = `socketio-conformance-${process.platform}-${process.arch}`;
let binary;
try {
  binary = require.resolve(`${name}/bin/conformance${process.platform === "win32" ? ".exe" : ""}`);
} catch {
  console.error(`conformance: the package ${name} is not installed: there is no binary for this platform, or npm left out optional dependencies`);
  process.exit(4);
}
const child = spawn(binary, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends signals to both processes. Others send them only to this one, which forwards them.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => { if (!process.stdin.isTTY) child.kill(signal); });
}
child.on("error", (err) => {
  console.error(`conformance: ${err.message}`);
  process.exit(4);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
