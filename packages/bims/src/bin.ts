#!/usr/bin/env node
import { runProgram } from './cli/program.ts'

// The one place that touches the process: its streams, its signals, its end.
const stop = new AbortController()
let asked = 0
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stop.abort()
    // Asked twice, someone is in a hurry: files are whole or absent at any moment.
    if (++asked > 1) process.exit(130)
  })
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has seen enough.
  if (error.code === 'EPIPE') process.exit(0)
})

process.exitCode = await runProgram(process.argv.slice(2), {
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  terminal: process.stderr.isTTY,
  env: process.env,
  signal: stop.signal
})
