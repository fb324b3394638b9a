import { closestMatch } from 'leven'
import { z } from 'zod'
import { OTHER, type ProviderFacts } from './mailbox.ts'

/** The names that a rule, a silence or a route may use. */
export interface KnownNames {
  /** The ids of the configured sources. Null where they are not known: then any is taken. */
  sources: readonly string[] | null
  providers: readonly Pick<ProviderFacts, 'id' | 'name' | 'names'>[]
}

export interface UnknownName {
  dimension: 'provider' | 'source' | 'ip'
  name: string
  /** To be read after the name: "gmial is not a mailbox provider ..." */
  wrong: string
  remedy: string
}

type OneOrMore = string | readonly string[] | undefined

const address = z.union([z.ipv4(), z.ipv6()])

/**
 * What `where` names that there cannot be: it would never match, and nobody would notice. Serves the configuration and the
 * commands in the chat alike.
 */
export function unknownNames(
  where: { provider?: OneOrMore; source?: OneOrMore; ip?: OneOrMore },
  known: KnownNames,
): UnknownName[] {
  return [
    ...[where.provider ?? []].flat().flatMap((name) => unknownProvider(name, known) ?? []),
    ...[where.source ?? []].flat().flatMap((name) => unknownSource(name, known) ?? []),
    ...[where.ip ?? []].flat().flatMap((name) => noAddress(name) ?? []),
  ]
}

function unknownProvider(name: string, { providers }: KnownNames): UnknownName | null {
  if (name === OTHER || providers.some(({ id }) => id === name)) return null
  const byWord = new Map(
    providers.flatMap(({ id, name: title, names }) => [id, title, ...names].map((word) => [word.toLowerCase(), id])),
  )
  const meant = byWord.get(name.toLowerCase()) ?? byWord.get(closest(name, [...byWord.keys()]) ?? '')
  return {
    dimension: 'provider',
    name,
    wrong: 'is not a mailbox provider that Bouncebell knows',
    remedy: meant
      ? `Did you mean ${meant}?`
      : `Providers are named like gmail, microsoft or yahoo; all others are ${OTHER}.`,
  }
}

function unknownSource(name: string, { sources }: KnownNames): UnknownName | null {
  if (sources === null || sources.includes(name)) return null
  const meant = closest(name, sources)
  return {
    dimension: 'source',
    name,
    wrong: 'is not one of the configured sources',
    remedy: meant ? `Did you mean ${meant}?` : `The sources are ${sources.join(', ')}.`,
  }
}

function noAddress(name: string): UnknownName | null {
  if (address.safeParse(name).success) return null
  return {
    dimension: 'ip',
    name,
    wrong: 'is not an IP address',
    remedy: 'Write one address, such as 198.51.100.7 or 2001:db8::7.',
  }
}

/** What was probably meant: case aside, at most two letters off, and fewer in a short name. */
export function closest(typed: string, candidates: readonly string[]): string | undefined {
  const byWord = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]))
  const maxDistance = Math.max(1, Math.min(3, Math.floor(typed.length / 2)))
  return byWord.get(closestMatch(typed.toLowerCase(), [...byWord.keys()], { maxDistance }) ?? '')
}
