// The thread of watchdog.ts. JavaScript, since it must start wherever Bouncebell does.
import { writeSync } from 'node:fs'
import { Session } from 'node:inspector'
import { workerData } from 'node:worker_threads'

const LOOKS = 10
const LAST_RESORT_MS = 2000
const STDERR = 2
const { beats, limitMs, exitCode } = workerData

let last = Atomics.load(beats, 0)
let still = 0
// Looks are counted, not time: after the whole machine was asleep, one of them finds nothing new, and the next one does.
setInterval(() => {
  const now = Atomics.load(beats, 0)
  still = now === last ? still + 1 : 0
  last = now
  if (still === LOOKS) end()
}, limitMs / LOOKS)

function end() {
  const said = `Bouncebell has not reacted to anything for ${limitMs / 1000} s and ends itself (exit code ${exitCode}). Nothing is lost: start it again. If it comes again, please report what it was doing.\n`
  writeSync(STDERR, said)
  // A thread cannot end its process with an exit code, but it can have the main thread do so amid whatever it is doing.
  const session = new Session()
  session.connectToMainThread()
  session.post('Runtime.evaluate', { expression: `process.reallyExit(${exitCode})` })
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_RESORT_MS)
}
