import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gainOf, mostGain, suspicion } from '../../../src/detect/episode/doubt.ts'
import { surroundingsOf } from '../../../src/detect/episode/surroundings.ts'
import type { Slice } from '../../../src/detect/state/slice.ts'
import { sliceKey } from '../../../src/detect/state/slice-groups.ts'
import { extentOf } from '../../../src/incident/scope-text.ts'
import { localisePlainly } from '../../support/localise-reference.ts'
import { membersOf, placesIn } from '../../support/place-sample.ts'

const PROVIDERS = ['gmail', 'yahoo', 'microsoft', 'apple']
const IPS = ['198.51.100.1', '198.51.100.2', '198.51.100.3']

const slices = (sources: string[]): Slice[] =>
  sources.flatMap((source) =>
    IPS.flatMap((ip) =>
      PROVIDERS.map((provider) => ({ source, provider, ip: `${ip}${source}`, senderDomain: '', campaign: '' })),
    ),
  )

const membersIn = (all: readonly Slice[], isIll: (slice: Slice) => boolean) =>
  membersOf(all, (slice) => ({ n: 200, x: isIll(slice) ? 100 : 1, p0: 0.004 }))

function placesOf(all: readonly Slice[], isIll: (slice: Slice) => boolean) {
  const members = membersIn(all, isIll)
  const seed = members.find(({ slice }) => isIll(slice))!
  return placesIn(members, [seed])
}

describe('localising', () => {
  it('names one slice, one provider, one IP, one source by their own dimensions', () => {
    const all = slices(['a', 'b'])
    const one = { source: 'a', provider: 'yahoo', ip: `${IPS[1]}a` }
    expect(placesOf(all, (slice) => slice.ip === one.ip && slice.provider === 'yahoo')[0]!.where).toMatchObject(one)
    expect(placesOf(all, (slice) => slice.source === 'a' && slice.provider === 'yahoo')[0]!.where).toEqual({
      source: 'a',
      provider: 'yahoo',
    })
    expect(placesOf(all, (slice) => slice.ip === one.ip)[0]!.where).toEqual({ ip: one.ip })
    expect(placesOf(all, (slice) => slice.source === 'b')[0]!.where).toEqual({ source: 'b' })
    expect(placesOf(all, (slice) => slice.provider === 'apple')[0]!.where).toEqual({ provider: 'apple' })
  })

  it('leaves out of an IP’s trouble the providers that are well', () => {
    const all = slices(['a'])
    const ip = `${IPS[0]}a`
    const [place] = placesOf(all, (slice) => slice.ip === ip && slice.provider !== 'gmail')
    expect(place!.members.map(({ provider }) => provider).sort()).toEqual(['apple', 'microsoft', 'yahoo'])
  })

  it('counts slices without mail to a trouble that all others of the IP have', () => {
    const all = slices(['a'])
    const ip = `${IPS[0]}a`
    const members = membersIn(all, (slice) => slice.ip === ip).map((member) =>
      member.slice.provider === 'apple' ? { ...member, n: 0, x: 0 } : member,
    )
    const seed = members.find(({ slice }) => slice.ip === ip)!
    const [place] = placesIn(members, [seed])
    expect(place!.members).toHaveLength(4)
  })

  it('does not take a trouble for everybody’s because one slice has always failed', () => {
    const all = slices(['a'])
    const ip = `${IPS[0]}a`
    const members = membersIn(all, (slice) => slice.ip === ip)
    const dead = members.map((member, i) => (i === all.length - 1 ? { ...member, x: 200, p0: 0.98 } : member))
    const seed = dead.find(({ slice }) => slice.ip === ip)!
    expect(placesIn(dead, [seed])[0]!.where).toEqual({ ip })
  })

  it('explains every seed exactly once, whatever the counts', () => {
    const all = slices(['a', 'b'])
    fc.assert(
      fc.property(
        fc.array(fc.record({ n: fc.nat(500), share: fc.double({ min: 0, max: 1, noNaN: true }) }), {
          minLength: all.length,
          maxLength: all.length,
        }),
        fc.uniqueArray(fc.nat(all.length - 1), { minLength: 1, maxLength: 6 }),
        (counts, seeds) => {
          const members = membersOf(all, (_, i) => {
            const { n, share } = counts[i]!
            return { n, x: Math.round(n * share), p0: 0.01 }
          })
          const ill = placesIn(
            members,
            seeds.map((seed) => members[seed]!),
          ).flatMap((place) => place.members)
          expect(new Set(ill).size).toBe(ill.length)
          expect(seeds.every((seed) => ill.includes(members[seed]!.slice))).toBe(true)
        },
      ),
    )
  })
})

it('never bounds what a slice adds to a set by less than it adds', () => {
  const counts = fc.record({
    n: fc.oneof(fc.nat(8), fc.nat(100_000)),
    share: fc.oneof(fc.double({ min: 0, max: 0.06, noNaN: true }), fc.double({ min: 0, max: 1.1, noNaN: true })),
    p0: fc.oneof(fc.double({ min: 0, max: 0.03, noNaN: true }), fc.double({ min: 0, max: 1.2, noNaN: true })),
    minutes: fc.integer({ min: 1, max: 121 }),
    rate: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(counts, ({ n, share, p0, minutes, rate }) => {
      const x = Math.round(n * share)
      const gain = gainOf(suspicion(x, n, p0, minutes, rate))
      expect(mostGain(x, n, p0, minutes, rate)).toBeGreaterThanOrEqual(gain - 1e-9)
    }),
    { numRuns: 20_000 },
  )
})

it('finds the places that adding up everything finds', () => {
  const all = slices(['a', 'b']).map((slice, i) => ({
    ...slice,
    senderDomain: ['news.example', 'shop.example', ''][i % 3]!,
    campaign: i % 2 === 0 ? 'spring' : '',
  }))
  const counts = fc.record({
    n: fc.oneof(fc.nat(8), fc.nat(3000)),
    share: fc.oneof(
      fc.constant(0),
      fc.double({ min: 0, max: 0.06, noNaN: true }),
      fc.double({ max: 1, min: 0, noNaN: true }),
    ),
    p0: fc.oneof(fc.double({ min: 0, max: 0.03, noNaN: true }), fc.double({ min: 0, max: 1.2, noNaN: true })),
  })
  fc.assert(
    fc.property(
      fc.array(counts, { minLength: all.length, maxLength: all.length }),
      fc.uniqueArray(fc.nat(all.length - 1), { minLength: 1, maxLength: 6 }),
      (counted, seeds) => {
        const members = membersOf(all, (_, i) => {
          const { n, share, p0 } = counted[i]!
          return { n, x: Math.round(n * share), p0 }
        }).sort((a, b) => (sliceKey(a.slice) < sliceKey(b.slice) ? -1 : 1))
        const plain = localisePlainly(members, new Set(seeds)).map(({ where, members: ill }) => ({
          where,
          members: ill.map(({ slice }) => slice),
        }))
        expect(
          placesIn(
            members,
            members.filter(({ row }) => seeds.includes(row)),
          ),
        ).toEqual(plain)
      },
    ),
    { numRuns: 500 },
  )
})

describe('the extent of a trouble', () => {
  const all = slices(['a', 'b'])
  const say = (isIll: (slice: Slice) => boolean, among = all) =>
    extentOf(among.filter(isIll), surroundingsOf(among), (provider) => provider.toUpperCase())

  it.each([
    ['one IP, four providers', (slice: Slice) => slice.ip === `${IPS[0]}a`],
    ['YAHOO only, all your IPs', (slice: Slice) => slice.source === 'a' && slice.provider === 'yahoo'],
    ['YAHOO only, one of three IPs', (slice: Slice) => slice.ip === `${IPS[0]}a` && slice.provider === 'yahoo'],
    ['everything sent through b', (slice: Slice) => slice.source === 'b'],
    [
      'YAHOO on both sources: it is your domain or what you send, not their IPs',
      (slice: Slice) => slice.provider === 'yahoo',
    ],
  ])('is "%s"', (sentence, isIll) => {
    expect(say(isIll)).toBe(sentence)
  })

  it('names the sending domain where only one of several is concerned', () => {
    const two = all.flatMap((slice) => [
      { ...slice, senderDomain: 'news.example' },
      { ...slice, senderDomain: 'shop.example' },
    ])
    const isIll = (slice: Slice) =>
      slice.source === 'a' && slice.provider === 'yahoo' && slice.senderDomain === 'shop.example'
    expect(say(isIll, two)).toBe('YAHOO only, all your IPs; only mail from shop.example')
  })
})
