#!/usr/bin/env node
// Plain JavaScript, so that any Node.js can read it: Bouncebell itself is TypeScript, which Node.js runs from version 24 on.
// An older one hands over to the Node.js 24 that npm installed along with Bouncebell.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
/** With as much room for short-lived objects as Node.js would take, and an arena of glibc's per thread, the demo has twice the memory. */
const FRUGAL = ['--max-semi-space-size=8']
/** Bouncebell ends itself within ten seconds of a signal that it hears. */
const END_AT_LATEST_MS = 12_000
const MAIN = new URL('../src/main.ts', import.meta.url)

/** Where the npm package `node` keeps its executable; null where it is not installed. */
function installedNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'))
    const file = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(file) ? file : null
  } catch (_) {
    return null
  }
}

function handOver(node) {
  const env = { MALLOC_ARENA_MAX: '2', ...process.env }
  const child = spawn(node, [...FRUGAL, fileURLToPath(MAIN), ...process.argv.slice(2)], { stdio: 'inherit', env })
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP']
  for (const signal of signals) {
    process.on(signal, () => {
      child.kill(signal)
      // One whose event loop is stuck hears no signal.
      setTimeout(() => child.kill('SIGKILL'), END_AT_LATEST_MS).unref()
    })
  }
  child.once('error', (error) => refuse(`${node} cannot be started (${error.message}).`))
  child.once('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code
      return
    }
    // Ends as the child did, which whoever started us looks at.
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

function refuse(why) {
  process.stderr.write(
    `${why} Bouncebell needs Node.js ${NEEDED} or later: install it, or run "npm ci" in ${fileURLToPath(new URL('..', import.meta.url))}, which brings one.\n`,
  )
  process.exitCode = 1
}

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  import(MAIN.href)
} else {
  const node = installedNode()
  if (node) handOver(node)
  else refuse(`This is Node.js ${process.versions.node}.`)
}
