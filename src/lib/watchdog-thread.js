// The thread of watchdog.ts. JavaScript, since it must start wherever Bouncebell does.
import { writeSync } from 'node:fs'
import { Session } from 'node:inspector'
import { parentPort, workerData } from 'node:worker_threads'

const LOOKS = 10
const LAST_RESORT_MS = 2000
const STDERR = 2
const FAILED = 1
const { beats, limitMs, exitCode } = workerData

let looking = look(limitMs, endStuck)
parentPort.once('message', (endMs) => {
  clearInterval(looking)
  looking = look(endMs, () =>
    end(
      FAILED,
      `Bouncebell was asked to end, has not reacted to anything for ${endMs / 1000} s, and is ended. Nothing is lost.`,
    ),
  )
})

function look(patienceMs, then) {
  let last = Atomics.load(beats, 0)
  let still = 0
  // Looks are counted, not time: after the whole machine was asleep, one of them finds nothing new, and the next one does.
  return setInterval(() => {
    const now = Atomics.load(beats, 0)
    still = now === last ? still + 1 : 0
    last = now
    if (still === LOOKS) then()
  }, patienceMs / LOOKS)
}

function endStuck() {
  const said = `Bouncebell has not reacted to anything for ${limitMs / 1000} s and ends itself (exit code ${exitCode}). Nothing is lost: start it again. If it comes again, please report what it was doing.`
  end(exitCode, said)
}

function end(code, said) {
  writeSync(STDERR, `${said}\n`)
  // A thread cannot end its process with an exit code, but it can have the main thread do so amid whatever it is doing.
  const session = new Session()
  session.connectToMainThread()
  session.post('Runtime.evaluate', { expression: `process.reallyExit(${code})` })
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_RESORT_MS)
}
