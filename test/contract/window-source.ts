import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AuthFailed, BadPayload, type Fault, isFault, RateLimited, Unavailable } from '../../src/ports/errors.ts'
import type { Observation, Window, WindowSource } from '../../src/ports/esp.ts'
import type { Outcome } from '../../src/smtp/outcomes.ts'

/** An attempt as the upstream knows it. `n` makes it different from every other. */
export interface LoggedAttempt {
  n: number
  at: Date
  /** Before this time the upstream does not show it. */
  visibleFrom?: Date
  recipient: string
  outcome: Extract<Outcome, 'delivered' | 'deferred' | 'bounced'>
  reply: string
}

/** What goes wrong with one request. */
export type UpstreamFault =
  | { kind: 'status'; status: number; retryAfter?: string }
  | { kind: 'hang' }
  | { kind: 'truncate' }
  /** A good answer with fields in every object that nobody knows. */
  | { kind: 'extra' }

/** The other side of a window source: an API that is asked about a period. */
export interface WindowUpstream {
  /** How many attempts one answer holds at most. */
  pageSize: number
  key: string
  emit(attempts: LoggedAttempt[]): void
  /** The time it takes for now. */
  setNow(now: Date): void
  /** The request after `requests` others goes wrong; others do not. */
  failOnce(fault: UpstreamFault, after?: number): void
  requests(): number
  /** With a timeout below a second. */
  open(): WindowSource
  openWithWrongKey(): WindowSource
  close(): Promise<void>
}

const START = Date.parse('2026-10-05T08:00:00Z')
const MINUTE = 60_000
const HOUR: Window = { from: new Date(START), to: new Date(START + 60 * MINUTE) }

const REPLIES = {
  delivered: '250 2.0.0 OK',
  deferred: '421 4.7.0 [TSS04] Messages from 203.0.113.7 temporarily deferred for jane.doe@yahoo.com',
  bounced: '550 5.1.1 <jane.doe@gmail.com>: user unknown',
}

/** `count` attempts, one a second. */
function attempts(count: number, from = START): LoggedAttempt[] {
  return Array.from({ length: count }, (_, n) => {
    const outcome = (['delivered', 'deferred', 'bounced'] as const)[n % 3] ?? 'delivered'
    const recipient = `jane.doe@${n % 2 ? 'gmail.com' : 'yahoo.com'}`
    return { n: from + n, at: new Date(from + n * 1000), recipient, outcome, reply: REPLIES[outcome] }
  })
}

const never = () => new AbortController().signal

async function pull(source: WindowSource, window = HOUR, signal = never()): Promise<Observation[]> {
  const all: Observation[] = []
  for await (const page of source.pull(window, signal)) all.push(...page)
  return all
}

const keyOf = (at: Date, domain: string, outcome: Outcome, reply: string | null) =>
  `${at.toISOString()} ${domain} ${outcome} ${reply?.slice(0, 3)}`
const wanted = (list: LoggedAttempt[]) =>
  list.map(({ at, recipient, outcome, reply }) => keyOf(at, recipient.split('@')[1] ?? '', outcome, reply)).sort()
const found = (list: Observation[]) =>
  list
    .map((one) => (one.kind === 'event' ? keyOf(one.at, one.to.domain, one.outcome, one.reply) : JSON.stringify(one)))
    .sort()

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!isFault(error)) throw new Error('expected a fault', { cause: error })
  return error
}

/** What every window source has to do, whatever API it reads. */
export function windowSourceContract(name: string, openUpstream: () => Promise<WindowUpstream>) {
  describe(`${name} as a window source`, () => {
    let upstream: WindowUpstream
    let source: WindowSource

    beforeEach(async () => {
      upstream = await openUpstream()
      upstream.setNow(new Date(START + 120 * MINUTE))
      source = upstream.open()
    })
    afterEach(() => upstream.close())

    test('reads every attempt once, with its time, domain, outcome and reply, over several pages', async () => {
      const sent = attempts(Math.ceil(2.5 * upstream.pageSize))
      upstream.emit(sent)
      expect(found(await pull(source))).toEqual(wanted(sent))
      expect(upstream.requests()).toBeGreaterThanOrEqual(3)
    })

    test.each([0, 1, 2])('reads exactly %i full pages', async (pages) => {
      const sent = attempts(pages * upstream.pageSize)
      upstream.emit(sent)
      expect(found(await pull(source))).toEqual(wanted(sent))
    })

    test('says the same of a window each time it is asked', async () => {
      upstream.emit(attempts(upstream.pageSize + 7))
      const first = await pull(source)
      expect(await pull(source)).toEqual(first)
      expect(await pull(upstream.open())).toEqual(first)
    })

    test('puts each event into exactly one of two windows that meet', async () => {
      const border = START + 30 * MINUTE
      const sent = [START, border - 1, border, border + 1, border + 30 * MINUTE - 1].map((at, n) => ({
        ...attempts(1)[0]!,
        n,
        at: new Date(at),
      }))
      const outside = [START - 1, border + 30 * MINUTE].map((at, n) => ({ ...sent[0]!, n: 10 + n, at: new Date(at) }))
      upstream.emit([...sent, ...outside])
      const windows = [
        { from: HOUR.from, to: new Date(border) },
        { from: new Date(border), to: HOUR.to },
      ]
      const read = await Promise.all(windows.map((window) => pull(source, window)))
      read.forEach((observations, index) => {
        for (const one of observations) {
          if (one.kind !== 'event') continue
          expect(one.at.getTime()).toBeGreaterThanOrEqual(windows[index]!.from.getTime())
          expect(one.at.getTime()).toBeLessThan(windows[index]!.to.getTime())
        }
      })
      expect(found(read.flat())).toEqual(wanted(sent))
    })

    test('finds what arrived late when it reads the window again', async () => {
      const sent = attempts(20).map((one, n) =>
        n % 4 === 1 ? { ...one, visibleFrom: new Date(START + 90 * MINUTE) } : one,
      )
      upstream.emit(sent)
      upstream.setNow(new Date(START + 61 * MINUTE))
      expect(found(await pull(source))).toEqual(wanted(sent.filter(({ visibleFrom }) => !visibleFrom)))
      upstream.setNow(new Date(START + 91 * MINUTE))
      expect(found(await pull(source))).toEqual(wanted(sent))
    })

    test('counts nothing twice when events arrive while it turns the pages', async () => {
      const sent = attempts(2 * upstream.pageSize)
      const late = attempts(5, START + 500).map((one) => ({ ...one, visibleFrom: new Date(START + 121 * MINUTE) }))
      upstream.emit([...sent, ...late])
      const all: Observation[] = []
      for await (const page of source.pull(HOUR, never())) {
        all.push(...page)
        upstream.setNow(new Date(START + 122 * MINUTE))
      }
      expect(new Set(found(all)).size).toBe(all.length)
      expect(found(all)).toEqual(expect.arrayContaining(wanted(sent)))
      expect(found(await pull(source))).toEqual(wanted([...sent, ...late]))
    })

    test('answers an empty window with nothing', async () => {
      expect(await pull(source)).toEqual([])
    })

    test('lets no address out, not even one that a reply quotes', async () => {
      upstream.emit(attempts(30))
      const observations = await pull(source)
      expect(observations.some(({ reply }) => reply?.includes('{address}'))).toBe(true)
      expect(JSON.stringify(observations)).not.toContain('@')
    })

    test('takes no notice of fields it does not know', async () => {
      const sent = attempts(5)
      upstream.emit(sent)
      upstream.failOnce({ kind: 'extra' })
      expect(found(await pull(source))).toEqual(wanted(sent))
    })

    test('says that the key is refused, and what to do', async () => {
      for (const asked of [pull(upstream.openWithWrongKey()), upstream.openWithWrongKey().ping(never())]) {
        const fault = await faultOf(asked)
        expect(fault).toBeInstanceOf(AuthFailed)
        expect(fault.remedy).toMatch(/key/)
      }
    })

    test('passes on how long it is asked to wait', async () => {
      upstream.failOnce({ kind: 'status', status: 429, retryAfter: '17' })
      const fault = await faultOf(pull(source))
      expect(fault).toBeInstanceOf(RateLimited)
      expect((fault as RateLimited).retryAfterMs).toBe(17_000)
    })

    test.each<[string, UpstreamFault, typeof Unavailable | typeof BadPayload]>([
      ['a 500', { kind: 'status', status: 500 }, Unavailable],
      ['no answer', { kind: 'hang' }, Unavailable],
      ['JSON that breaks off', { kind: 'truncate' }, BadPayload],
    ])('fails as a whole on %s in the middle, and gives the whole window the next time', async (_, fault, kind) => {
      const sent = attempts(upstream.pageSize + 5)
      upstream.emit(sent)
      upstream.failOnce(fault, 1)
      const error = await faultOf(pull(source))
      expect(error).toBeInstanceOf(kind)
      expect(error.retry).toBe('later')
      expect(found(await pull(source))).toEqual(wanted(sent))
    })

    test('tells nobody the key or an address when it fails', async () => {
      upstream.emit(attempts(3))
      const faults = [await faultOf(pull(upstream.openWithWrongKey()))]
      for (const fault of [{ kind: 'truncate' }, { kind: 'status', status: 400 }] as const) {
        upstream.failOnce(fault)
        faults.push(await faultOf(pull(source)))
      }
      for (const { message, remedy, stack, cause } of faults) {
        const told = JSON.stringify([message, remedy, stack, cause])
        expect(told).not.toContain(upstream.key)
        expect(told).not.toContain('jane.doe')
      }
    })

    test('stops at once when aborted, with the reason of the signal', async () => {
      upstream.emit(attempts(3 * upstream.pageSize))
      const reason = new Error('shutting down')
      await expect(pull(source, HOUR, AbortSignal.abort(reason))).rejects.toBe(reason)
      expect(upstream.requests()).toBe(0)
      const stop = new AbortController()
      const pages: Observation[][] = []
      const reading = (async () => {
        for await (const page of source.pull(HOUR, stop.signal)) {
          pages.push(page)
          stop.abort(reason)
        }
      })()
      await expect(reading).rejects.toBe(reason)
      expect(pages).toHaveLength(1)
      expect(upstream.requests()).toBe(1)
    })

    test('is reached with a single request by ping', async () => {
      await source.ping(never())
      expect(upstream.requests()).toBe(1)
    })
  })
}
