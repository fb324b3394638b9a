import { Readable, Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRuleFile } from '../../src/alert-rules/rule-file.ts'
import type { AlertRule } from '../../src/alert-rules/rules.ts'
import { DEFAULT_BUDGET } from '../../src/detect/alarm/budget.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { readCounts } from '../../src/replay/counts-file.ts'
import { printReplay } from '../../src/replay/replay.ts'
import { randomOf } from '../support/counted-world.ts'

const { classifier } = loadKnowledge([])
const known = { sources: null, providers: readProviders() }
const START = Date.UTC(2026, 0, 5)
const iso = (minute: number) => new Date(START + minute * 60_000).toISOString()

const at = (time: string, later: number) => new Date(Date.parse(time) + later * 60_000).toISOString()

interface Row {
  at: string
  seen?: string
  source: string
  provider: string
  ip: string
  attempted: number | null
  replies: Record<string, number>
}

const rowOf = (minute: number, provider: string, replies: Record<string, number> = {}): Row => ({
  at: iso(minute),
  source: 'esp',
  provider,
  ip: '198.51.100.1',
  attempted: 30,
  replies,
})

/** Six quiet hours, then an hour and a half in which one provider refuses most mail, then two quiet hours. */
function stream(reply: string): Row[] {
  return Array.from({ length: 570 }, (_, minute) => [
    rowOf(minute, 'gmail'),
    rowOf(minute, 'gmx', minute >= 360 && minute < 450 ? { [reply]: 22 } : {}),
    rowOf(minute, 'yahoo', minute % 40 === 0 ? { '421 4.7.x': 1 } : {}),
  ]).flat()
}

const input = (rows: readonly (Row | string)[]) =>
  Readable.from(rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`))

async function printed(
  rows: readonly (Row | string)[],
  summary = false,
  rules: readonly AlertRule[] = [],
): Promise<string> {
  let text = ''
  const output = new Writable({
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  const minutes = readCounts(input(rows), classifier, 'counts', rules.length > 0)
  await printReplay({ minutes, falseAlarms: DEFAULT_BUDGET, rules }, { summary, output, progress: null })
  return text
}

const events = async (rows: readonly (Row | string)[], rules: readonly AlertRule[] = []) =>
  (await printed(rows, false, rules))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

describe('replay --counts', () => {
  it('prints an incident from its opening to its resolution, a JSON object per line', async () => {
    const lines = await events(stream('554 5.7.1'))
    expect(lines[0]).toMatchObject({
      event: 'opened',
      signal: 'blocking',
      slices: [{ source: 'esp', provider: 'gmx', ip: '198.51.100.1' }],
    })
    expect(Date.parse(lines[0].at)).toBeGreaterThanOrEqual(Date.parse(iso(360)))
    expect(Date.parse(lines[0].at)).toBeLessThan(Date.parse(iso(370)))
    expect(lines[0].rate).toBeGreaterThan(lines[0].baseline)
    expect(lines.at(-1)).toMatchObject({ event: 'resolved', incident: lines[0].incident })
    expect(lines.filter(({ event }) => event === 'opened')).toHaveLength(1)
  })

  it.each([
    ['421 4.7.x', 'throttling'],
    ['421 4.7.0 [TSS04] Messages temporarily deferred', 'throttling'],
    ['550 5.1.1', 'list'],
    ['4.4.x timeout', 'receiver'],
  ])('takes "%s" for a sign of %s', async (reply, signal) => {
    expect(new Set((await events(stream(reply))).map((event) => event.signal))).toEqual(new Set([signal]))
  })

  it('takes greylisting for no sign of anything', async () => {
    expect(await events(stream('451 4.7.1 greylist'))).toEqual([])
  })

  it('decides with what was seen by then, and puts late rows where they belong', async () => {
    const late = stream('554 5.7.1')
      .map((row) =>
        row.provider === 'gmx' && row.at >= iso(360) && row.at < iso(400) ? { ...row, seen: iso(400) } : row,
      )
      .sort((a, b) => ((a.seen ?? a.at) < (b.seen ?? b.at) ? -1 : 1))
    const [opened] = await events(late)
    expect(opened).toMatchObject({ event: 'opened', at: iso(400).replace('.000', '') })
    expect(opened.failures).toBeGreaterThan(40 * 20)
  })

  it('adds up rows of one slice and minute', async () => {
    const split = stream('554 5.7.1').flatMap((row) => {
      const replies = Object.entries(row.replies)
      if (replies.length === 0) return [row]
      return [
        { ...row, attempted: 8, replies: {} },
        { ...row, attempted: 22 },
      ]
    })
    expect(await events(split)).toEqual(await events(stream('554 5.7.1')))
  })

  it('prints the same, to the byte, for any order of the rows that are seen in one minute', async () => {
    const rows = stream('421 4.7.x').map((row, i) => (i % 11 === 0 ? { ...row, seen: at(row.at, 20) } : row))
    const seenAt = (row: Row) => row.seen ?? row.at
    const bySeen = (a: Row, b: Row) => (seenAt(a) < seenAt(b) ? -1 : seenAt(a) > seenAt(b) ? 1 : 0)
    const expected = await printed(rows.toSorted(bySeen))
    expect(expected).toContain('"event":"resolved"')
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = randomOf(seed)
        const shuffled = rows.map((row) => ({ row, place: random() })).sort((a, b) => a.place - b.place)
        expect(await printed(shuffled.map(({ row }) => row).sort(bySeen))).toBe(expected)
      }),
      { numRuns: 5 },
    )
  })

  it('sums up in a sentence, a table and a chart', async () => {
    const text = await printed(stream('554 5.7.1'), true)
    expect(text).toContain('Would have alerted once in 1 day: blocking 1.')
    expect(text).toContain('Gmx only')
    expect(text).toContain('per day  |█|')
    expect(await printed(stream('250 ok'), true)).toContain('Would not have alerted in 1 day.')
  })

  it('passes over blank lines', async () => {
    const rows = stream('554 5.7.1')
    const spaced = ['', ...rows.flatMap((row, i) => (i % 200 === 0 ? ['', ' \t', row, '\r'] : [row])), '', '']
    expect(await events(spaced)).toEqual(await events(rows))
    await expect(printed(['', '  ', '{"at":'])).rejects.toThrow(/line 3: is not JSON/)
  })

  it('steps through the minutes without mail: what they end, and what they begin, has their time', async () => {
    const rules = readRuleFile('- { name: silence, when: { provider: gmail }, absent: 30m }', 'rules.yaml', known)
    const before = Array.from({ length: 120 }, (_, minute) => rowOf(minute, 'gmail'))
    const told = await events([...before, rowOf(1000, 'gmail')], rules)
    expect(told[0]).toMatchObject({ event: 'opened', rule: 'silence', at: at(iso(149), 0).replace('.000', '') })
  })

  it('names the line that is not a row', async () => {
    await expect(printed([rowOf(0, 'gmail'), '{"at":'])).rejects.toThrow(/line 2: is not JSON/)
    await expect(printed(['{"at":"yesterday"}'])).rejects.toThrow(/line 1: "at" is wrong/)
    await expect(printed([{ ...rowOf(0, 'gmail'), attempted: -1 }])).rejects.toThrow(/line 1: "attempted" is wrong/)
  })
})

describe('replay --rule', () => {
  const rule = readRuleFile(
    '- { name: Too much, when: { provider: gmx }, rate: "> 30%", over: 5m }',
    'rules.yaml',
    known,
  )
  const ofRule = (told: { rule?: string; event: string }[]) => told.filter(({ rule }) => rule === 'Too much')

  it('tells what failed since the rule held, and no threshold as what is usual', async () => {
    const told = ofRule(await events(stream('554 5.7.1'), rule)) as unknown as Record<string, number | null>[]
    expect(told[0]).toMatchObject({ event: 'opened', baseline: null })
    const last = told.at(-1)!
    expect(last).toMatchObject({ event: 'resolved', baseline: null })
    // Ninety minutes in which 22 of 30 were refused.
    expect(last.failures).toBe(90 * 22)
    const text = await printed(stream('554 5.7.1'), true, rule)
    expect(text).toMatch(/rule "Too much" +73% +- /)
    expect(text).not.toContain('30%')
  })

  it('counts what a rule would have done under its name, apart from what the adaptive detection noticed', async () => {
    const text = await printed(stream('554 5.7.1'), true, rule)
    expect(text).toContain('Would have alerted twice in 1 day: ')
    expect(text.split('\n')[0]).toContain('rule "Too much" 1')
    expect(text.split('\n')[0]).toContain('blocking 1')
  })

  it('takes a reply that accepts the message for a delivery', async () => {
    expect(ofRule(await events(stream('250 2.0.0 OK'), rule))).toEqual([])
    expect(ofRule(await events(stream('2.0.0'), rule))).toEqual([])
    expect(ofRule(await events(stream('4.7.x'), rule)).length).toBeGreaterThan(0)
  })

  it('reads rules by themselves or as they stand in the configuration', () => {
    const rule = '- when: { code: 421 }\n  rate: "> 5%"\n'
    const [alone] = readRuleFile(rule, 'rules.yaml', known)
    expect(alone).toMatchObject({ name: '421 > 5 %', test: { kind: 'rate', more: 0.05, min: 50 } })
    const inside = `alerts:\n  rules:\n${rule.replaceAll(/^/gmu, '    ')}`
    expect(readRuleFile(inside, 'bouncebell.yaml', known)).toEqual([alone])
  })

  it('says what is wrong with the file', () => {
    expect(() => readRuleFile('- when: {', 'rules.yaml', known)).toThrow(/rules.yaml is wrong:\n {2}line \d: /)
    expect(() => readRuleFile('- when: { provider: gmial }\n  rate: "> 5%"', 'rules.yaml', known)).toThrow(
      '[0].when.provider (line 1): is not a mailbox provider that Bouncebell knows ("gmial"). Did you mean gmail?',
    )
    expect(() => readRuleFile('- &all [*all]', 'rules.yaml', known)).toThrow('has a YAML alias inside')
    expect(() => readRuleFile('- { rate: "> 5%" }\n- { rate: "> 5%" }', 'rules.yaml', known)).toThrow(
      '[1].name (line 2): is taken by another rule',
    )
    expect(() => readRuleFile('alerts: {}', 'rules.yaml', known)).toThrow(/contains no alert rules/)
    expect(() => readRuleFile('- rate: "5"', 'rules.yaml', known)).toThrow(
      /\[0\]\.rate \(line 1\): must be a share such as "> 5%"/,
    )
  })
})
