import type { Problem } from '../lib/schema-problems.ts'
import { expressionOf } from '../smtp/classify/ruleset.ts'
import { type KnownNames, type UnknownName, unknownNames } from '../smtp/known-names.ts'
import { type Config, isLoopback, type Kinds } from './schema.ts'

/** What a schema cannot see: how one part of the configuration relates to another. */
export function contradictions(
  config: Config,
  { providers, speedsOf }: Pick<Kinds, 'providers' | 'speedsOf'>,
): Problem[] {
  return [...openPage(config), ...strangers(config, providers), ...slowExpressions(config, speedsOf)]
}

function openPage({ server: { host }, chat }: Config): Problem[] {
  if (isLoopback(host) || !chat.web || 'token' in (chat.web as object)) return []
  return [
    {
      path: ['server', 'host'],
      wrong: `is ${host}, which other machines can reach, but the web page asks for no token`,
      remedy: 'Set chat.web.token, remove chat.web, or listen on 127.0.0.1.',
    },
  ]
}

/** Providers, sources and IP addresses that are named but do not exist. */
function strangers({ sources, silences, alerts, replies }: Config, providers: Kinds['providers']): Problem[] {
  const named = [
    ...silences.map(({ where }, index) => ({ where, path: ['silences', index, 'where'] })),
    ...alerts.rules.map(({ when }, index) => ({ where: when, path: ['alerts', 'rules', index, 'when'] })),
    ...replies.rules.map(({ provider }, index) => ({ where: { provider }, path: ['replies', 'rules', index] })),
  ].filter(({ where }) => where.provider !== undefined || 'source' in where || 'ip' in where)
  if (named.length === 0) return []
  const known: KnownNames = { sources: sources.map(({ id }) => id), providers: providers() }
  return named.flatMap(({ where, path }) =>
    unknownNames(where, known).map((unknown) => toProblem(unknown, [...path, unknown.dimension])),
  )
}

const toProblem = ({ name, wrong, remedy }: UnknownName, path: Problem['path']): Problem => ({
  path,
  wrong: `${wrong} ("${name}")`,
  remedy,
})

const SLOW = {
  exponential: 'takes exponential time on some replies, so a single reply could stop Bouncebell',
  polynomial: 'takes more than linear time on some replies, so a long reply could slow Bouncebell down',
  unknown: 'is too complex to prove that it is fast, and a slow one could stop Bouncebell',
}

/** Other people's mail servers choose the text that these run on. */
function slowExpressions({ replies }: Config, speedsOf: Kinds['speedsOf']): Problem[] {
  const written = replies.rules.flatMap(({ match }, index) => {
    const expression = expressionOf(match)
    return expression ? [{ index, source: expression.source, flags: expression.flags }] : []
  })
  if (written.length === 0) return []
  return speedsOf(written).flatMap((speed, place) =>
    speed === 'safe'
      ? []
      : {
          path: ['replies', 'rules', written[place]!.index, 'match'],
          wrong: SLOW[speed],
          remedy:
            'Write the words without slashes, or avoid parts that can repeat over the same text (.*, .+, nested + and *).',
        },
  )
}
