import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { faultOf } from '../../adapters/esp/postfix/faults.ts'
import { postfix } from '../../adapters/esp/postfix/index.ts'
import { isFault } from '../../src/ports/errors.ts'
import type { Batch, StreamSource } from '../../src/ports/esp.ts'
import { attemptLine } from '../support/postfix-log.ts'
import { streamContext } from '../support/stream-context.ts'

test.each([
  ['ENOENT', 'Refused', 'maillog_file'],
  ['EACCES', 'Refused', 'usermod -aG adm'],
  ['EIO', 'Unavailable', 'disk'],
])('%s is %s, with what to do', (code, name, remedy) => {
  const fault = faultOf(Object.assign(new Error(code), { code }), '/var/log/mail.log')
  expect(fault).toSatisfy(isFault)
  expect(fault).toMatchObject({
    name,
    message: expect.stringContaining('/var/log/mail.log'),
    remedy: expect.stringContaining(remedy),
  })
})

test('an error that is not the file system’s is left as it is', () => {
  const error = Object.assign(new Error('duplicate key'), { code: '23505' })
  expect(faultOf(error, '/var/log/mail.log')).toBe(error)
})

test('works without any setting, and names what is wrong in one', () => {
  expect(postfix.config.parse({})).toEqual({ path: '/var/log/mail.log', ips: {}, ignoreRelays: ['127.0.0.1', '::1'] })
  const wrong = postfix.config.safeParse({ timeZone: 'Berlin', ip: 'mta1', ips: { bulk: 'x' }, pth: '/x' })
  expect(wrong.error?.issues.map(({ path }) => path.join('.')).sort()).toEqual(['', 'ip', 'ips.bulk', 'timeZone'])
})

test('a place that is in no file any more is said to be lost, and the log is read from its beginning', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bouncebell-postfix-'))
  const path = join(directory, 'mail.log')
  const time = new Date().toISOString()
  const line = attemptLine({ queueId: '4FzX1Q2abc', to: 'ann@yahoo.com', status: 'sent', text: '250 ok', time })
  await writeFile(path, `${line}\n`)
  const context = streamContext()
  const warnings: unknown[] = []
  const log = { ...context.log, warn: (...said: unknown[]) => void warnings.push(said) }
  const head = { length: 256, hash: 'of-a-file-that-is-gone' }
  for (const [position, lost] of [
    [JSON.stringify({ ino: 1, offset: 4000, head }), 1],
    ['not a place', 0],
  ] as const) {
    warnings.length = 0
    const stop = new AbortController()
    const batches: Batch[] = []
    const deliver = async (batch: Batch) => {
      batches.push(batch)
      stop.abort()
    }
    const source = postfix.open(postfix.config.parse({ path }), { ...context, log }) as StreamSource
    await source.run({ position, deliver }, stop.signal)
    expect(batches[0]?.observations).toMatchObject([{ outcome: 'delivered' }])
    expect(warnings).toHaveLength(lost)
  }
  await rm(directory, { recursive: true })
})
