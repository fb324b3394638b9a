import { readRuleFile } from '../alert-rules/rule-file.ts'
import { loadKnowledge } from '../knowledge/knowledge.ts'
import { readProviders } from '../knowledge/rule-files.ts'
import { systemClock } from '../lib/system-clock.ts'
import { countsOf, endOfHistory, printReplay, storedCounts } from '../replay/replay.ts'
import { DAY_MS } from '../time/units.ts'
import { budgetOf } from './budget.ts'
import { EXIT } from './exit.ts'
import { databaseOf, deliveriesOf } from './open-config.ts'
import { loadConfig, readText } from './read-config.ts'
import type { Subcommand, Tools } from './subcommand.ts'
import { wholeNumber } from './usage.ts'

interface ReplayAsked {
  config: string | null
  days: number
  counts: string | null
  rule: string | null
  falseAlarms: string | null
  summary: boolean
}

const MOST_DAYS = 400

export const replay: Subcommand<ReplayAsked> = {
  says: 'show which alerts you would have gotten over the stored history',
  options: ['config', 'days', 'counts', 'rule', 'false-alarms', 'summary'],
  read: ({ values, config }) => ({
    config,
    days: wholeNumber(values.days ?? '30', { command: 'replay', option: 'days', least: 1, most: MOST_DAYS }),
    counts: values.counts ?? null,
    rule: values.rule ?? null,
    falseAlarms: values['false-alarms'] ?? null,
    summary: values.summary ?? false,
  }),
  run,
}

async function run(asked: ReplayAsked, { kinds, openDatabase }: Tools): Promise<number> {
  const { days, counts, summary } = asked
  const loaded = asked.config || counts === null ? loadConfig(asked.config, kinds) : null
  const known = { sources: loaded?.sources.map(({ id }) => id) ?? null, providers: readProviders() }
  const trying = {
    falseAlarms: budgetOf(asked.falseAlarms ?? loaded?.alerts.falseAlarms ?? null),
    rules:
      asked.rule === null
        ? (loaded?.alerts.rules ?? [])
        : readRuleFile(readText(asked.rule, 'Name another file with --rule.'), asked.rule, known),
  }
  const printing = { summary, output: process.stdout, progress: process.stderr.isTTY ? process.stderr : null }
  if (counts !== null || loaded === null) {
    const { classifier } = loadKnowledge(loaded?.replies.rules ?? [])
    const minutes = countsOf(counts ?? '-', process.stdin, classifier, trying.rules.length > 0)
    await printReplay({ minutes, ...trying }, printing)
    return EXIT.done
  }
  const { store } = await openDatabase(databaseOf(loaded))
  try {
    const to = await endOfHistory(store, systemClock.now())
    const period = { from: new Date(to.getTime() - days * DAY_MS), to }
    await printReplay({ minutes: storedCounts(store, period, deliveriesOf(loaded, kinds)), ...trying }, printing)
  } finally {
    await store.close()
  }
  return EXIT.done
}
