import { describe, expect, it } from 'vitest'
import { encodeState } from '../../src/detect/state/saved-state.ts'
import { createTopology } from '../../src/detect/state/slice-groups.ts'
import { createState } from '../../src/detect/state/state.ts'
import { contentsOf, type Detector, earlier, leans, noteBeginnings, split } from '../../src/jobs/build.ts'
import { areChanged, idsByLabel, labelsOf, readLabels } from '../../src/jobs/labels.ts'
import { type Contents, isOutdated, saveSnapshots, storedSnapshots } from '../../src/jobs/snapshots.ts'
import type { StoredReply } from '../../src/ports/store/index.ts'
import { minute } from '../support/store-rows.ts'

const changed = (source: string, n: number) => ({ source, minute: minute(n) })

describe('a state that is stored', () => {
  const contents = (given: Partial<Contents> = {}): Contents => ({
    until: minute(100),
    letBe: minute(40),
    began: new Map([['ses', minute(0)]]),
    ...given,
  })

  it.each<[string, Partial<Contents>, ReturnType<typeof changed>, boolean]>([
    ['nothing is fixed in it', { until: null }, changed('ses', 50), false],
    ['its last minute changed', {}, changed('ses', 100), true],
    ['a later one changed', {}, changed('ses', 101), false],
    ['a minute changed that is too late', {}, changed('ses', 40), false],
    ['the minute after that changed', {}, changed('ses', 41), true],
    ['nothing is too late', { letBe: null }, changed('ses', 1), true],
    ['the first minute of a source changed', {}, changed('ses', 0), false],
    ['history of it was read in', {}, changed('ses', -1), true],
    ['history of a source was read in that it does not know', {}, changed('mta', 10), true],
  ])('is outdated where %s, or is not', (_, given, change, expected) => {
    expect(isOutdated(contents(given), [])).toBe(false)
    expect(isOutdated(contents(given), [changed('ses', 200), change])).toBe(expected)
  })

  function setUp() {
    const kept = new Map<string, Uint8Array>()
    const state = {
      load: async (key: string) => kept.get(key) ?? null,
      save: async (key: string, value: Uint8Array) => {
        await new Promise((resolve) => setImmediate(resolve))
        kept.set(key, value)
      },
    }
    const bytes = encodeState({ state: createState(0, 0), topology: createTopology([]) })
    const save = (minutes: number[], encode = () => bytes) =>
      saveSnapshots(
        state,
        minutes.map((n) => ({ minute: minute(n), encode })),
        {
          made: 'v1',
          revision: 12_345_678_901_234_567n,
          letBe: minute(40),
          began: new Map([['ses', minute(0)]]),
          labels: new Map([
            [7, 3],
            [8, 0],
            [9, 3],
          ]),
        },
      )
    return { kept, save, read: (made = 'v1') => Array.fromAsync(storedSnapshots(state, made)) }
  }

  it('comes back with all that it says of itself, the newest first', async () => {
    const t = setUp()
    await t.save([100, 50])
    const [newest, older] = await t.read()
    expect(newest).toMatchObject({
      until: minute(100),
      letBe: minute(40),
      began: new Map([['ses', minute(0)]]),
      revision: 12_345_678_901_234_567n,
      labels: new Map([
        [7, 3],
        [8, 0],
        [9, 3],
      ]),
    })
    expect(older?.until).toEqual(minute(50))
    expect(await newest?.decode()).not.toBeNull()
    await t.save([200])
    expect((await t.read()).map(({ until }) => until)).toEqual([minute(200), minute(50)])
  })

  it('is passed over where it was made otherwise or cannot be read', async () => {
    const t = setUp()
    await t.save([100, 50])
    expect(await t.read('v2')).toEqual([])
    const [key] = t.kept.keys()
    const whole = t.kept.get(key!)!
    for (const broken of [
      new Uint8Array(),
      new TextEncoder().encode('no head'),
      new TextEncoder().encode('{\n'),
      new TextEncoder().encode('{"made":"v1"}\n'),
    ]) {
      t.kept.set(key!, broken)
      expect((await t.read()).map(({ until }) => until)).toEqual([minute(50)])
    }
    t.kept.set(key!, whole.subarray(0, -3))
    expect(await (await t.read())[0]!.decode()).toBeNull()
  })

  it('is as good as not there where its bytes are of something else', async () => {
    const t = setUp()
    await t.save([100], () => new TextEncoder().encode('something else'))
    expect(await (await t.read())[0]!.decode()).toBeNull()
  })
})

describe('what replies mean to the detector', () => {
  const labels = async (...replies: Pick<StoredReply, 'cause' | 'signal' | 'named'>[]) =>
    readLabels({ labels: async () => new Map(replies.map((reply, i) => [i + 1, reply])) })
  const plain = { cause: 'rate-limited', signal: 'throttling', named: false } as const

  it('is the signal, and whether they name their cause; nothing of a greylisting', async () => {
    const all = await labels(
      plain,
      { ...plain, named: true },
      { ...plain, cause: 'connection' as StoredReply['cause'] },
      { ...plain, signal: 'blocking' },
      { ...plain, signal: null },
      { ...plain, signal: null, named: true },
      { ...plain, cause: 'greylisted' },
    )
    const [a, named, other, blocking, ...none] = all.values()
    expect(other).toBe(a)
    expect(new Set([a, named, blocking, 0]).size).toBe(4)
    expect(none).toEqual([0, 0, 0])
  })

  it('is changed where it is another for a reply that both know', () => {
    const before = new Map([
      [1, 2],
      [2, 0],
    ])
    expect(areChanged(before, new Map(before))).toBe(false)
    expect(areChanged(before, new Map([[3, 5]]))).toBe(false)
    expect(
      areChanged(
        before,
        new Map([
          [1, 2],
          [2, 4],
        ]),
      ),
    ).toBe(true)
    expect(areChanged(before, new Map([[1, 0]]))).toBe(true)
  })

  it('is stored by what they mean', () => {
    const known = new Map([
      [7, 3],
      [8, 0],
      [9, 3],
    ])
    expect(idsByLabel(known)).toEqual({ 0: [8], 3: [7, 9] })
    expect(labelsOf(idsByLabel(known))).toEqual(known)
  })
})

describe('what a detector has been told', () => {
  const detector = (fixed: number | null, from: Partial<Contents> | null = null): Detector => ({
    watch: { fixed: () => (fixed === null ? null : minute(fixed)) } as Detector['watch'],
    revision: 0n,
    began: new Map(),
    from: from && { until: null, letBe: null, began: new Map(), ...from },
    labels: new Map(),
    isStale: false,
    early: [],
  })

  it('is the earlier of two times', () => {
    expect([earlier(minute(1), minute(2)), earlier(minute(2), minute(1))]).toEqual([minute(1), minute(1)])
  })

  it('are the minutes that have come, each once; the others wait', () => {
    const waiting = [changed('ses', 5), changed('ses', 12)]
    const fresh = [changed('ses', 5), changed('mta', 5), changed('ses', 10), changed('ses', 11)]
    expect(split(waiting, fresh, minute(10))).toEqual({
      come: [changed('ses', 5), changed('mta', 5), changed('ses', 10)],
      early: [changed('ses', 12), changed('ses', 11)],
    })
    expect(split([], fresh, minute(4))).toEqual({ come: [], early: fresh })
  })

  it('begins with the first minute of each source, whatever the order', () => {
    const it = detector(null)
    noteBeginnings(it, [changed('ses', 5), changed('mta', 9), changed('ses', 3), changed('ses', 4)])
    noteBeginnings(it, [changed('mta', 9), changed('mta', 20)])
    expect(it.began).toEqual(
      new Map([
        ['ses', minute(3)],
        ['mta', minute(9)],
      ]),
    )
  })

  it('leans on the state that it began with until it has gone beyond it', () => {
    const from = { until: minute(100), letBe: minute(40) }
    expect(leans(detector(500))).toBe(false)
    expect(leans(detector(500, { until: null }))).toBe(false)
    expect([null, 99, 100, 101].map((fixed) => leans(detector(fixed, from)))).toEqual([true, true, true, false])
    expect(contentsOf(detector(100, from))).toMatchObject({ until: minute(100), letBe: minute(40) })
    expect(contentsOf(detector(101, from))).toMatchObject({ until: minute(101), letBe: minute(101) })
    expect(contentsOf(detector(50))).toMatchObject({ until: minute(50), letBe: minute(50) })
  })
})
