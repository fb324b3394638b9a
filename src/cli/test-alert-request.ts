import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { TestAlertResult } from '../jobs/test-alert.ts'
import { urlOf } from '../lib/port.ts'
import { TEST_ALERT_PATH } from '../lib/test-alert-handler.ts'
import { Unavailable } from '../ports/errors.ts'

const PATIENCE_MS = 25_000

const resultsSchema = z.array(
  z.object({ place: z.string(), problem: z.string().nullable(), remedy: z.string().nullable() }),
)

const fileOf = (dataDir: string) => join(dataDir, 'test-alert-key')

/** Who can read the data directory may ask for a test alert: a new key for each run, for its owner's eyes only. */
export function createTestAlertKey(dataDir: string): string {
  const key = randomBytes(24).toString('base64url')
  writeFileSync(fileOf(dataDir), key, { mode: 0o600 })
  return key
}

/** Asks the Bouncebell that runs on this directory. Throws Unavailable. */
export async function requestTestAlert(
  { host, port }: { host: string; port: number },
  dataDir: string,
): Promise<TestAlertResult[]> {
  const url = `${urlOf(host, port)}${TEST_ALERT_PATH}`
  try {
    const headers = { authorization: `Bearer ${readFileSync(fileOf(dataDir), 'utf8')}` }
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const response = await fetch(url, { method: 'POST', headers, signal })
    if (!response.ok) throw new Error(`it answers ${response.status}`)
    return resultsSchema.parse(await response.json())
  } catch (error) {
    throw new Unavailable(
      `the Bouncebell that runs on ${dataDir} could not be asked for a test alert (${error instanceof Error ? error.message : error})`,
      'Restart it, or stop it and run `bouncebell doctor --test-alert` then.',
      { cause: error },
    )
  }
}
