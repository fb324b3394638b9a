import { expect, test } from 'vitest'
import { FAMILIES, PROVIDERS } from '../../src/demo/providers.ts'
import { fill, SIGNAL_OF } from '../../src/demo/replies.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { parseReply } from '../../src/smtp/reply/reply.ts'

const { classifier, mailboxes } = loadKnowledge([])

test.each(PROVIDERS.map((provider) => [provider.id, provider] as const))(
  'the replies made up for %s are understood as what they are meant to be',
  (id, { replies }) => {
    const understood = FAMILIES.flatMap((family) =>
      (replies[family] ?? []).map((wording = '') => {
        const text = fill(wording.replaceAll('{ip}', '203.0.113.7'), 'ada7@example.org', '7f3a')
        return { text, signal: classifier.classify(parseReply(text), id).signal, meant: SIGNAL_OF[family] }
      }),
    )
    expect(understood.filter(({ signal, meant }) => signal !== meant)).toEqual([])
  },
)

test.each(PROVIDERS.map((provider) => [provider.id, provider] as const))(
  '%s is recognised by its domains, its MX and its name',
  (id, { domains, mx, label }) => {
    for (const domain of domains) expect(mailboxes.providerOf(domain)).toBe(id)
    expect(mailboxes.providerOf('example.org', mx)).toBe(id)
    expect(mailboxes.providerFromName(label)).toBe(id)
  },
)
