// Starts the watchdog, does what it is told (argv: limit in ms, how to be stuck), and says so.
import { startWatchdog } from '../../src/lib/watchdog.ts'

// Without the types of browsers, TypeScript does not know it.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { instantiate(code: Uint8Array): Promise<{ instance: { exports: { f(): void } } }> }
}
const [, , limit, how] = process.argv
const watchdog = startWatchdog(Number(limit))
process.on('SIGTERM', () => {})
if (how === 'waiting while it ends') watchdog.expectEnd(500)
// (module (func (export "f") (loop br 0)))
const SPINNING = new Uint8Array(
  Buffer.from('0061736d0100000001040160000003020100070501016600000a0901070003400c000b0b', 'hex'),
)

setTimeout(async () => {
  process.stdout.write(`${how}\n`)
  if (how === 'spinning') for (;;);
  if (how === 'spinning in WebAssembly') {
    const { instance } = await WebAssembly.instantiate(SPINNING)
    instance.exports.f()
  }
  if (how?.startsWith('waiting')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  if (how === 'busy with pauses') {
    const until = performance.now() + 3 * Number(limit)
    while (performance.now() < until) {
      const pause = performance.now() + Number(limit) / 10
      while (performance.now() < pause);
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  await watchdog.stop()
}, 10)
