import { join } from 'node:path'
import { readConfig } from '../config/read.ts'
import { startDemo } from '../demo/demo.ts'
import { createLog, wantsColor } from '../lib/log.ts'
import { serveUntilStopped } from './serve-until-stopped.ts'
import type { Given, Subcommand, Tools } from './subcommand.ts'
import { wholeNumber } from './usage.ts'

export interface DemoAsked {
  port: number
  directory: string
  seed: number
}

const MOST_PORT = 65_535
const MOST_SEED = 2 ** 31

export const demo: Subcommand<DemoAsked> = {
  says: 'a week of simulated mail, then an incident, at http://127.0.0.1:3000',
  options: ['port', 'data', 'seed'],
  read: ({ values }: Given) => ({
    port: wholeNumber(values.port ?? '3000', { command: 'demo', option: 'port', least: 0, most: MOST_PORT }),
    directory: values.data ?? './data',
    seed: wholeNumber(values.seed ?? '1', { command: 'demo', option: 'seed', least: 0, most: MOST_SEED }),
  }),
  run: runDemo,
}

/** Everything is as in any installation but the clock, and the ESP that is a stand-in on loopback. */
export async function runDemo({ port, directory, seed }: DemoAsked, tools: Tools): Promise<number> {
  const log = createLog({
    level: 'info',
    format: 'lines',
    color: wantsColor(process.env, process.stdout.isTTY === true),
  })
  const played = await startDemo({ seed, log, start: new Date() })
  try {
    const text = JSON.stringify({ ...played.config, server: { port } })
    const config = readConfig(text, 'the demo', tools.kinds, {})
    // What an earlier demo left is of another course of events.
    const database = { dataDir: join(directory, 'demo'), isFresh: true }
    return await serveUntilStopped({ config, clock: played.clock, log, database }, tools)
  } finally {
    await played.stop()
  }
}
