import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { STUCK_EXIT_CODE } from '../../src/lib/watchdog.ts'

const SCRIPT = new URL('../support/stuck-process.ts', import.meta.url).pathname

async function run(limitMs: number, how: string) {
  const child = spawn(process.execPath, [SCRIPT, String(limitMs), how], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  // Once it is stuck it does not hear this.
  child.stdout.once('data', () => child.kill('SIGTERM'))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}

it.each(['spinning', 'spinning in WebAssembly', 'waiting'])(
  'a process whose event loop is stuck (%s) is ended with a code and a message',
  async (how) => {
    const { code, said } = await run(500, how)
    expect(code).toBe(STUCK_EXIT_CODE)
    expect(said).toContain('Bouncebell has not reacted to anything for 0.5 s and ends itself')
  },
)

it('a process that is busy, but comes up for air, is left alone, and ends when it is done', async () => {
  expect(await run(3000, 'busy with pauses')).toEqual({ code: 0, said: '' })
})

it('a process that is to end, and is stuck on its way, is ended soon', async () => {
  const { code, said } = await run(1_000_000, 'waiting while it ends')
  expect(code).toBe(1)
  expect(said).toContain('Bouncebell was asked to end, has not reacted to anything for 0.5 s, and is ended')
})
