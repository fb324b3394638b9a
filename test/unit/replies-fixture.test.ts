import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CAUSE_NAMES } from '../../src/smtp/causes.ts'

const [header, ...rows] = readFileSync(new URL('../fixtures/replies.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
const replies = rows.map((row) => row.split('\t'))

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193) >>> 0
  return h
}

test('every row has six columns and causes of the closed set', () => {
  expect(header).toBe('set\tcauses\tprovider\twrapper\tlanguage\treply')
  for (const row of replies) {
    expect(row, row.join(' | ')).toHaveLength(6)
    for (const cause of row[1]!.split('|')) expect(CAUSE_NAMES).toContain(cause)
  }
})

test('a fifth is held back by hash, so that no row is moved to where it suits', () => {
  for (const [set, , , , , reply] of replies) expect(set, reply).toBe(hash(reply!) % 5 === 0 ? 'held' : 'dev')
})

test('it is spread: every cause, many providers, wrappers and languages, no reply twice', () => {
  const distinct = (column: number) => new Set(replies.map((row) => row[column]!)).size
  expect(replies.length).toBeGreaterThanOrEqual(450)
  expect(new Set(replies.flatMap((row) => row[1]!.split('|')))).toEqual(new Set(CAUSE_NAMES))
  expect(distinct(2)).toBeGreaterThanOrEqual(30)
  expect(distinct(3)).toBeGreaterThanOrEqual(10)
  expect(distinct(4)).toBeGreaterThanOrEqual(9)
  expect(distinct(5)).toBe(replies.length)
})

test('nobody can be recognised: example domains and documentation addresses only', () => {
  for (const row of replies) {
    const reply = row[5]!
    for (const [, domain] of reply.matchAll(/[\w.+-]+@([\w.-]+\w)/g)) {
      // T-Online and Microsoft print their postmaster's address in the reply.
      expect(domain).toMatch(/^(?:(?:[\w-]+\.)*(?:example|invalid)|example\.(?:com|net|org)|rx\.t-online\.de)$/)
    }
    for (const [ip] of reply.matchAll(/(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g)) {
      if (!/^4\./.test(ip)) expect(ip).toMatch(/^(?:192\.0\.2|198\.51\.100|203\.0\.113)\./)
    }
  }
})
