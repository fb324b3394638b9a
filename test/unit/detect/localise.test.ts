import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extentOf } from '../../../src/detect/extent.ts'
import type { Slice } from '../../../src/detect/finding.ts'
import { localise, type Member } from '../../../src/detect/localise.ts'

const PROVIDERS = ['gmail', 'yahoo', 'microsoft', 'apple']
const IPS = ['198.51.100.1', '198.51.100.2', '198.51.100.3']

const slices = (sources: string[]): Slice[] =>
  sources.flatMap((source) =>
    IPS.flatMap((ip) =>
      PROVIDERS.map((provider) => ({ source, provider, ip: `${ip}${source}`, senderDomain: '', campaign: '' })),
    ),
  )

/** Ten minutes in which `isIll` slices fail at 50 %, the others hardly. */
function membersOf(all: readonly Slice[], isIll: (slice: Slice) => boolean, n = 200): Member[] {
  return all.map((slice, row) => ({
    row,
    slice,
    n,
    x: Math.round(n * (isIll(slice) ? 0.5 : 0.004)),
    p0: 0.004,
    minutes: 10,
  }))
}

function placesOf(all: readonly Slice[], isIll: (slice: Slice) => boolean) {
  const members = membersOf(all, isIll)
  const seed = members.find(({ slice }) => isIll(slice))!
  return localise(members, new Set([seed.row]))
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
    expect(place!.members.map(({ slice }) => slice.provider).sort()).toEqual(['apple', 'microsoft', 'yahoo'])
  })

  it('counts slices without mail to a trouble that all others of the IP have', () => {
    const all = slices(['a'])
    const ip = `${IPS[0]}a`
    const members = membersOf(all, (slice) => slice.ip === ip).map((member) =>
      member.slice.provider === 'apple' ? { ...member, n: 0, x: 0 } : member,
    )
    const seed = members.find(({ slice }) => slice.ip === ip)!
    const [place] = localise(members, new Set([seed.row]))
    expect(place!.members).toHaveLength(4)
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
          const members = all.map((slice, row) => {
            const { n, share } = counts[row]!
            return { row, slice, n, x: Math.round(n * share), p0: 0.01, minutes: 5 }
          })
          const rows = localise(members, new Set(seeds)).flatMap((place) => place.members.map(({ row }) => row))
          expect(new Set(rows).size).toBe(rows.length)
          expect(seeds.every((seed) => rows.includes(seed))).toBe(true)
        },
      ),
    )
  })
})

describe('the extent of a trouble', () => {
  const all = slices(['a', 'b'])
  const say = (isIll: (slice: Slice) => boolean, among = all) =>
    extentOf(among.filter(isIll), among, (provider) => provider.toUpperCase())

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
