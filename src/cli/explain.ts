import { lookupCard } from '../cards/lookup.ts'
import { toText } from '../cards/text.ts'
import { loadKnowledge } from '../knowledge/knowledge.ts'
import { reportOf } from '../lib/message.ts'
import { systemClock } from '../lib/system-clock.ts'
import { planLookup } from '../lookup/lookup.ts'
import { EXIT } from './exit.ts'
import { explainStream, explainText } from './explanation.ts'
import { loadConfig } from './read-config.ts'
import type { Subcommand, Tools } from './subcommand.ts'
import { UsageError } from './usage.ts'

interface ExplainAsked {
  reply: string | null
  json: boolean
  config: string | null
}

export const explain: Subcommand<ExplainAsked> = {
  takes: '[REPLY]',
  says: 'explain a reply; without REPLY, read one reply per line, or one email, from stdin',
  options: ['json', 'config'],
  acceptsWord: () => true,
  read: ({ values, words, config }) => ({
    reply: words.length ? words.join(' ') : null,
    json: values.json ?? false,
    config,
  }),
  run,
}

/** The user's own rules count where a configuration is given. */
async function run({ reply, json, config }: ExplainAsked, { kinds }: Tools): Promise<number> {
  const knowledge = loadKnowledge(config ? loadConfig(config, kinds).replies.rules : [])
  if (reply === null) {
    if (process.stdin.isTTY) throw new UsageError('Give a reply, or pipe one per line to stdin.', 'explain')
    const progress = process.stderr.isTTY ? process.stderr : null
    await explainStream(process.stdin, process.stdout, { ...knowledge, json, progress })
  } else if (json) {
    process.stdout.write(`${JSON.stringify(await explainText(reply, knowledge))}\n`)
  } else {
    const context = { now: systemClock.now(), nameOf: knowledge.mailboxes.nameOf }
    process.stdout.write(
      `${toText(lookupCard(planLookup((await reportOf(reply)) ?? reply, knowledge), null, context))}\n`,
    )
  }
  return EXIT.done
}
