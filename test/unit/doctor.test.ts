import { expect, test } from 'vitest'
import { type Check, examine } from '../../src/cli/checks.ts'
import { limitsOf } from '../../src/jobs/source-limits.ts'
import { AuthFailed } from '../../src/ports/errors.ts'

const collect = async (checks: Check[]) => Array.fromAsync(examine(checks))

test('every check is told in order, with what is wrong and what to do', async () => {
  const results = await collect([
    { name: 'database', notes: [], run: async () => {} },
    { name: 'source eu', notes: ['says little'], run: async () => {} },
    { name: 'chat slack', notes: [], run: () => Promise.reject(new AuthFailed('invalid_auth', 'Make a new token.')) },
    { name: 'chat web', notes: [], run: () => Promise.reject(new Error('oops')) },
  ])
  expect(results).toEqual([
    { name: 'database', ok: true, lines: [] },
    { name: 'source eu', ok: true, lines: ['says little'] },
    { name: 'chat slack', ok: false, lines: ['invalid_auth', 'Make a new token.'] },
    { name: 'chat web', ok: false, lines: ['oops'] },
  ])
})

test('a check that is never done is told, after its own patience', async () => {
  const never = () => new Promise<void>(() => {})
  expect(await collect([{ name: 'database', notes: [], patienceMs: 20, run: never }])).toEqual([
    { name: 'database', ok: false, lines: ['no answer within 0.02 s'] },
  ])
})

test('what a source cannot tell is said in words', () => {
  const facts = { name: 'Pigeon', rereadAfterMinutes: [], docs: 'https://pigeon.example' }
  expect(limitsOf({ ...facts, text: 'verbatim', deferrals: true, deliveries: true, sendingIp: true })).toEqual([])
  expect(limitsOf({ ...facts, text: 'none', deferrals: false, deliveries: false, sendingIp: false })).toHaveLength(4)
})
