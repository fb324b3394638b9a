import { readRuleFiles } from '../knowledge/rule-files.ts'
import { examplesOf, reviewUserRules } from '../smtp/classify/user-rules.ts'
import { parseReply } from '../smtp/reply/reply.ts'
import { EXIT } from './exit.ts'
import { databaseOf } from './open-config.ts'
import { loadConfig } from './read-config.ts'
import { areAllUsed, rulesReport } from './rules-report.ts'
import { configOnly, type Subcommand } from './subcommand.ts'

/** Tries the user's reply rules on the replies that are known: the examples of the built-in rules, and what was stored. */
export const rules: Subcommand<{ config: string | null }> = {
  says: 'check your own reply rules: which built-in ones they override, and which never match',
  options: ['config'],
  acceptsWord: (word) => word === 'test',
  read: configOnly,
  run: async ({ config: path }, { kinds, openDatabase }) => {
    const config = loadConfig(path, kinds)
    const files = readRuleFiles()
    // The embedded database lets one process in: while Bouncebell runs, the examples have to do.
    const opened = await openDatabase(databaseOf(config)).catch(() => null)
    const stored = (await opened?.store.replies.all()) ?? []
    await opened?.store.close()
    const known = [
      ...examplesOf(files).map(parseReply),
      ...stored.map(({ code, enhanced, template: text, provider }) => ({ code, enhanced, text, provider })),
    ]
    const reviews = reviewUserRules(config.replies.rules, files, known)
    process.stdout.write(`${rulesReport(reviews, known.length).join('\n')}\n`)
    return areAllUsed(reviews) ? EXIT.done : EXIT.failed
  },
}
