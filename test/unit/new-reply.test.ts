import { describe, expect, it } from 'vitest'
import { incidentCard, titleOf } from '../../src/cards/alert.ts'
import { newRepliesCard } from '../../src/cards/new-replies.ts'
import type { Finding } from '../../src/detect/finding.ts'
import type { Blindness } from '../../src/incident/blind.ts'
import { openDelivery } from '../../src/incident/delivery.ts'
import { sortNovelties } from '../../src/incident/first-seen.ts'
import type { Incident, NewReplyIncident } from '../../src/incident/incident.ts'
import { openNewReply, times } from '../../src/incident/new-reply.ts'
import type { NewReply } from '../../src/incident/new-reply-counts.ts'
import { reduce } from '../../src/incident/reducer.ts'
import type { Silence } from '../../src/incident/silence.ts'
import { act, advance, track } from '../../src/incident/track.ts'
import { finding, minute } from '../support/findings.ts'
import { newReply } from '../support/new-reply.ts'

const MIN = 50
const HOUR = 60
const DAY = 24 * HOUR

interface Seen {
  findings?: Finding[]
  blind?: Blindness[]
  silences?: Silence[]
}

/** The incidents of an installation, each look given what is new by then. */
function createLife() {
  let current: Incident[] = []
  const look = (n: number, replies: NewReply[], { findings = [], blind = [], silences = [] }: Seen = {}) => {
    const at = minute(n)
    const now = { at, findings, blind, silences, firstSeen: { replies, min: MIN } }
    const transitions = track(current, now)
    current = advance(current, transitions, at)
    // The same look again, as another replica takes it, has nothing to add.
    for (let again = 0; again < 2; again++) current = advance(current, track(current, now), at)
    expect(track(current, now)).toEqual([])
    return transitions
  }
  return {
    look,
    get all() {
      return current
    },
    get replies() {
      return current.filter((incident): incident is NewReplyIncident => incident.kind === 'new-reply')
    },
  }
}

const blocking = (n: number) => finding(n, { signal: 'blocking' })

describe('a reply that its source never gave before', () => {
  it('opens one incident of low severity, once', () => {
    const life = createLife()
    const [opened] = life.look(20, [newReply()])
    expect(opened).toMatchObject({
      from: 0,
      tell: true,
      incident: { kind: 'new-reply', state: 'open', severity: 'low', since: minute(0), n: 118 },
      audit: [{ what: 'opened', says: 'New since 14:05 UTC: 118 times at Yahoo.' }],
    })
    life.look(25, [newReply({ n: 130 })])
    expect(life.all).toHaveLength(1)
  })

  it.each<[string, Partial<NewReply>, number]>([
    ['given less often than it takes', { n: MIN - 1 }, 20],
    ['new for some minutes only, in which the detector may explain it', {}, 14],
    ['rare for hours', {}, 181],
    [
      'from a source that is known for less than a week, as after an installation',
      { knownSince: minute(-6 * DAY) },
      20,
    ],
    ['a greylisting, which asks everybody to come back', { cause: 'greylisted', signal: 'throttling' }, 20],
  ])('is told to nobody if it is %s', (_why, given, n) => {
    const life = createLife()
    life.look(n, [newReply(given)])
    expect(life.all).toEqual([])
  })

  it.each<[string, Partial<NewReply>, number]>([
    ['given just as often as it takes', { n: MIN }, 20],
    ['new for a quarter of an hour', {}, 15],
    ['frequent within three hours', {}, 180],
    ['from a source that is known for a week', { knownSince: minute(-7 * DAY) }, 20],
  ])('is told if it is %s', (_why, given, n) => {
    const life = createLife()
    life.look(n, [newReply(given)])
    expect(life.all).toHaveLength(1)
  })

  it('is told by the most frequent first where there are too many, and of equals by the oldest', () => {
    const life = createLife()
    const many = Array.from({ length: 6 }, (_, i) => newReply({ template: `reason ${i}`, n: 100, since: minute(-i) }))
    life.look(20, many)
    expect(life.replies.map(({ template }) => template).sort()).toEqual([1, 2, 3, 4, 5].map((i) => `reason ${i}`))
  })

  it('mentions those beyond the limit of a day, and no others', () => {
    const told = openNewReply(newReply({ template: 'told' }), minute(20)).incident
    const many = Array.from({ length: 6 }, (_, i) => newReply({ template: `reason ${i}`, n: 100 - i }))
    const { fresh, untold } = sortNovelties([told], [], { replies: many, min: MIN }, minute(20))
    expect(fresh.map(({ template }) => template)).toEqual(['reason 0', 'reason 1', 'reason 2', 'reason 3'])
    expect(untold).toMatchObject({ by: told.id })
    expect(new Set(untold?.replies).size).toBe(2)
  })

  it('becomes part of a delivery incident that is open, and of none that is over', () => {
    const told = openNewReply(newReply(), minute(20)).incident
    const going = openDelivery(blocking(25)).incident
    const over = { ...going, state: 'resolved' as const, resolvedAt: minute(40) }
    const explained = (delivery: typeof going) =>
      sortNovelties([told], [delivery], { replies: [newReply()], min: MIN }, minute(45)).explained
    expect([...explained(going)]).toEqual([[told.id, going.id]])
    expect([...explained(over)]).toEqual([])
  })

  it('leaves room for others once the five of a day are a day old', () => {
    const fresh = (n: number) => newReply({ template: 'later', since: minute(n - 20), lastAt: minute(n) })
    for (const [n, told] of [
      [20 + DAY - 1, 5],
      [20 + DAY, 6],
    ] as const) {
      const life = createLife()
      const many = Array.from({ length: 5 }, (_, i) => newReply({ template: `reason ${i}`, lastAt: minute(20 + DAY) }))
      life.look(20, many)
      life.look(n, [...many, fresh(n)])
      expect(life.replies).toHaveLength(told)
    }
  })

  it('is over after six hours without it, and after a day with it, to the minute', () => {
    const state = (n: number, lastAt: number) => {
      const life = createLife()
      life.look(20, [newReply()])
      life.look(n, [newReply({ lastAt: minute(lastAt) })])
      return life.replies[0]?.state
    }
    expect([state(19 + 6 * HOUR - 1, 19), state(19 + 6 * HOUR, 19)]).toEqual(['open', 'resolved'])
    expect([state(20 + DAY - 1, 20 + DAY - 2), state(20 + DAY, 20 + DAY - 1)]).toEqual(['open', 'resolved'])
  })

  it('is brought up to date when it doubled exactly, and when it is a quarter of an hour old', () => {
    const edits = (n: number, given: Partial<NewReply>) => {
      const life = createLife()
      life.look(20, [newReply({ n: 100 })])
      return life.look(n, [newReply(given)]).length
    }
    expect([edits(21, { n: 199 }), edits(21, { n: 200 })]).toEqual([0, 1])
    expect([edits(34, { n: 101 }), edits(35, { n: 101 }), edits(35, { n: 100 })]).toEqual([0, 1, 0])
  })

  it('says once for one', () => {
    expect([0, 1, 2, 1000].map(times)).toEqual(['0 times', 'once', '2 times', '1,000 times'])
  })

  it('is told for each source that gives it', () => {
    const life = createLife()
    life.look(20, [newReply(), newReply({ source: 'ses' })])
    expect(life.replies.map(({ source }) => source).sort()).toEqual(['mailgun', 'ses'])
  })

  it.each<[string, Partial<NewReply>, number]>([
    ['a delivery incident tells of', {}, 0],
    ['at another provider than the delivery incident is not', { provider: 'gmail' }, 1],
    ['of another signal is not', { signal: 'content', cause: 'spam-content' }, 1],
    ['that no rule knows is not', { signal: null, cause: 'unknown' }, 1],
    ['through another source is not', { source: 'ses' }, 1],
  ])('is explained where it is one that %s', (_which, given, told) => {
    const life = createLife()
    life.look(20, [newReply(given)], { findings: [blocking(20)] })
    expect(life.replies).toHaveLength(told)
  })

  it('is explained by an incident that was resolved while it was given, not by one that was over before', () => {
    for (const [since, told] of [
      [minute(25), 0],
      [minute(70), 1],
    ] as const) {
      const life = createLife()
      life.look(1, [], { findings: [blocking(1)] })
      life.look(30, [], { findings: [{ ...blocking(30), status: 'recovered' }] })
      life.look(60, [])
      expect(life.all).toMatchObject([{ state: 'resolved' }])
      life.look(90, [newReply({ since })])
      expect(life.replies).toHaveLength(told)
    }
  })

  it('becomes part of a delivery incident that opens later', () => {
    const life = createLife()
    life.look(20, [newReply()])
    life.look(25, [newReply()], { findings: [blocking(25)] })
    const delivery = life.all.find(({ kind }) => kind === 'delivery')
    expect(life.replies).toMatchObject([{ state: 'resolved', mergedInto: delivery?.id }])
    expect(incidentCard(life.replies[0]!).text).toContain(`Part of incident ${delivery?.id}, which continues.`)
  })

  it('never floods: five a day, the last of which mentions the others', () => {
    const life = createLife()
    const many = Array.from({ length: 8 }, (_, i) => newReply({ template: `reason ${i}`, n: 100 + i }))
    life.look(20, many)
    expect(life.replies.map(({ n }) => n).sort()).toEqual([103, 104, 105, 106, 107])
    life.look(25, [...many, newReply({ template: 'one more', since: minute(5) })])
    expect(life.replies).toHaveLength(5)
    const mentions = life.replies.flatMap((incident) =>
      incidentCard(incident).text?.filter((line) => /more replies are new/.test(line)),
    )
    expect(mentions).toEqual(['4 more replies are new today: /smtp new'])
    const later = DAY + 30
    life.look(later, [newReply({ template: 'tomorrow', since: minute(later - 20), lastAt: minute(later) })])
    expect(life.replies.filter(({ state }) => state === 'open')).toMatchObject([{ template: 'tomorrow' }])
  })

  it('is brought up to date when it doubled, or after a quarter of an hour', () => {
    const life = createLife()
    life.look(20, [newReply()])
    expect(life.look(25, [newReply({ n: 150 })])).toEqual([])
    expect(life.look(30, [newReply({ n: 240, lastAt: minute(29) })])).toMatchObject([
      { incident: { n: 240 }, audit: [] },
    ])
    expect(life.look(45, [newReply({ n: 241, lastAt: minute(40) })])).toMatchObject([{ incident: { n: 241 } }])
  })

  it('follows late counts that move its first time, or take some back', () => {
    const life = createLife()
    life.look(20, [newReply()])
    life.look(40, [newReply({ since: minute(-10), n: 90 })])
    expect(life.replies).toMatchObject([{ since: minute(-10), n: 90, state: 'open' }])
  })

  it.each<[string, number, NewReply[], string]>([
    ['it was not given for six hours', 380, [newReply()], 'Not seen again for 6 h.'],
    ['older history arrives in which it was given', 40, [], 'It is not new after all: older history'],
    ['a day is over', 20 + DAY, [newReply({ lastAt: minute(20 + DAY) })], 'No longer new: 118 times at Yahoo'],
  ])('is resolved when %s', (_when, n, replies, says) => {
    const life = createLife()
    life.look(20, [newReply()])
    life.look(n, replies)
    expect(life.replies).toMatchObject([{ state: 'resolved', resolvedAt: minute(n) }])
    const again = createLife()
    again.look(20, [newReply()])
    expect(again.look(n, replies)[0]?.audit[0]?.says).toContain(says)
  })

  it('is not taken for over while its source cannot be seen', () => {
    const life = createLife()
    life.look(20, [newReply()])
    const blind = [{ source: 'mailgun', since: minute(30), problem: '401', remedy: 'Check the key.' }]
    life.look(500, [newReply()], { blind })
    expect(life.replies).toMatchObject([{ state: 'open' }])
  })

  it('can be acknowledged and snoozed, and reminds nobody', () => {
    const life = createLife()
    life.look(20, [newReply()])
    const [incident] = life.replies
    const snoozed = act(incident!, { kind: 'snooze', at: minute(30), actor: 'Ann', until: minute(90) })!.incident
    expect(snoozed).toMatchObject({ state: 'snoozed' })
    const awake = reduce(snoozed, { kind: 'time', at: minute(90) })
    expect(awake.incident).toMatchObject({ state: 'open' })
    expect(awake.audit).toMatchObject([{ what: 'unsnoozed', says: expect.stringContaining('Seen 118 times at Yahoo') }])
    const acknowledged = act(incident!, { kind: 'acknowledge', at: minute(30), actor: 'Ann' })!.incident
    expect(acknowledged).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'Ann' })
    expect(reduce(incident!, { kind: 'time', at: minute(6 * HOUR) }).audit).toEqual([])
  })

  it.each<[string, Silence['where'], boolean]>([
    ['its provider', { provider: 'yahoo' }, false],
    ['its signal', { signal: 'blocking' }, false],
    ['another signal', { signal: 'list' }, true],
    ['one IP of many', { ip: '198.51.100.7' }, true],
  ])('is told or not where a silence covers %s', (_what, where, tell) => {
    const silences: Silence[] = [{ where, until: minute(90), reason: 'warm-up' }]
    expect(createLife().look(20, [newReply()], { silences })).toMatchObject([{ tell }])
  })
})

describe('the card of a new reply', () => {
  const { incident } = openNewReply(newReply(), minute(20))

  it('says where, since when and how often, what it means, what to do, and who read it so', () => {
    const card = incidentCard(incident)
    expect(card).toMatchObject({
      title: 'New reply at Yahoo since 14:05 UTC: 118 times',
      tone: 'info',
      quotes: ['421 4.7.0 [TSS17] Messages from {ip} are held until you are known'],
      links: [{ url: 'https://senders.yahooinc.com/' }],
      footer: `Incident ${incident.id} · More: /smtp 4.7.0`,
    })
    expect(card.text).toContainEqual(expect.stringMatching(/^Why: refused or slowed for poor reputation/))
    expect(card.text).toContainEqual(expect.stringMatching(/^What to do now:\n1\. /))
    expect(card.fields).toContainEqual({ label: 'Classified as', value: 'reputation (rule yahoo.yaml: tss)' })
    expect(card.actions?.map(({ id }) => id)).toEqual(['acknowledge', 'snooze-1h', 'snooze-4h', 'snooze-24h', 'wrong'])
    expect(card.actions?.at(-1)?.value).toBe(card.quotes?.[0])
  })

  it('asks people to read what no rule knows, and points to its words where it has no code', () => {
    const unknown = newReply({
      cause: 'unknown',
      signal: null,
      code: null,
      enhanced: null,
      template: 'we would rather not take it today',
    })
    const card = incidentCard(openNewReply(unknown, minute(20)).incident)
    expect(card.text?.join('\n')).toContain('no rule covers this wording yet')
    expect(card.footer).toContain('/smtp we would rather not take')
  })

  it('keeps a long reply short enough for a button', () => {
    const long = openNewReply(newReply({ template: 'w'.repeat(5000) }), minute(20)).incident
    expect(incidentCard(long).actions?.every(({ value }) => value.length <= 2000)).toBe(true)
  })

  it('has nothing to press once it is over', () => {
    const over = reduce(incident, { kind: 'counted', at: minute(40), tally: null, untold: [] }).incident
    expect(titleOf(over)).toBe('No longer new at Yahoo since 14:05 UTC: 118 times')
    expect(incidentCard(over)).toMatchObject({ tone: 'good', actions: [] })
  })
})

describe('/smtp new', () => {
  it('lists what is new, most frequent first', () => {
    const rows = [newReply({ n: 3, template: 'rare' }), newReply({ template: 'w'.repeat(200) })]
    expect(newRepliesCard({ now: minute(20), rows, tooYoung: [] })).toMatchObject({
      title: '2 new replies in the last 24 h',
      table: {
        rows: [
          ['14:05 UTC', '118 times at Yahoo', 'mailgun', 'reputation', `421 4.7.0 ${'w'.repeat(79)}…`],
          ['14:05 UTC', '3 times at Yahoo', 'mailgun', 'reputation', '421 4.7.0 rare'],
        ],
      },
    })
  })

  it('says when there is none, and which source is not known for long enough', () => {
    const tooYoung = [{ source: 'ses', knownMs: 2 * DAY * 60_000 }]
    const card = newRepliesCard({ now: minute(20), rows: [], tooYoung })
    expect(card.title).toBe('No new replies in the last 24 h')
    expect(card.text?.[0]).toBe('Bouncebell has known ses for only 2 days. It takes a week to tell what is new there.')
  })

  it('says how many more there are than fit', () => {
    const rows = Array.from({ length: 20 }, (_, i) => newReply({ template: `reason ${i}` }))
    const card = newRepliesCard({ now: minute(20), rows, tooYoung: [] })
    expect(card.table?.rows).toHaveLength(15)
    expect(card.footer).toContain('And 5 less frequent ones')
  })
})
