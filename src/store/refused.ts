import type { Malformed } from '../ports/esp.ts'
import type { CounterRow, Store } from '../ports/store/index.ts'
import { redact } from '../smtp/redact.ts'

/**
 * What a database says of a value that it cannot keep, and of nothing else: data exceptions, integrity, limits.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const REFUSED = /^(22|23|54)/
/** Beyond so many something is wrong with us, and setting all of it aside would lose mail that is well. */
const MOST_SET_ASIDE = 500

/** Ends a transaction that was only to show whether it can be done. */
export class OnlyTried extends Error {
  override readonly name = 'OnlyTried'
}

type ReplaceWindow = Store['counters']['replaceWindow']
type AddEvents = Store['counters']['addEvents']
type Trial<T extends unknown[]> = (...given: [...T, onlyTry: boolean]) => Promise<unknown>

/** Whether the same would be refused again, however often it is tried. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof Error && REFUSED.test(String((error as { code?: unknown }).code))

/** What of `items` is refused, found by halves, so that few refusals cost few tries. */
export async function findRefused<T>(
  items: readonly T[],
  store: (part: T[]) => Promise<unknown>,
): Promise<Map<T, Error>> {
  const found = new Map<T, Error>()
  const parts = [[...items]]
  for (let part = parts.pop(); part; part = parts.pop()) {
    if (part.length === 0) continue
    const refusal = await refusalOf(store(part))
    if (!refusal) continue
    if (part.length > 1) {
      const half = part.length >> 1
      parts.push(part.slice(half), part.slice(0, half))
      continue
    }
    found.set(part[0]!, refusal)
    if (found.size > MOST_SET_ASIDE) throw refusal
  }
  return found
}

export async function refusalOf(storing: Promise<unknown>): Promise<Error | null> {
  try {
    await storing
    return null
  } catch (error) {
    if (error instanceof OnlyTried) return null
    if (isRefusal(error)) return error
    throw error
  }
}

/**
 * The writing of counters, so that a row that the database refuses does not hold up the others: it is found and set
 * aside, and the rest is stored in one transaction as ever.
 */
export function settingAside(
  replaceWindow: Trial<Parameters<ReplaceWindow>>,
  addEvents: (...given: [...Parameters<AddEvents>, onlyTry: boolean]) => ReturnType<AddEvents>,
): Pick<Store['counters'], 'replaceWindow' | 'addEvents'> {
  return {
    replaceWindow: async (source, window, rows, ledger) => {
      const refusal = await refusalOf(replaceWindow(source, window, rows, ledger, false))
      if (!refusal) return []
      const bad = await findRefused(rows, (part) =>
        replaceWindow(source, window, part, { ...ledger, malformed: [] }, true),
      )
      const { malformed, unkept } = await keepable(ledger.malformed ?? [], (part) =>
        replaceWindow(source, window, [], { ...ledger, malformed: part }, true),
      )
      // Each is well by itself, and together they are not.
      if (bad.size + unkept === 0) throw refusal
      const setAside = [...bad].map(([row, error]) => itemOf(JSON.stringify(row), row, error, ledger.at))
      const good = rows.filter((row) => !bad.has(row))
      await replaceWindow(source, window, good, { ...ledger, malformed: [...malformed, ...setAside] }, false)
      return setAside
    },
    addEvents: async (source, events, extra) => {
      try {
        return await addEvents(source, events, extra, false)
      } catch (refusal) {
        if (!isRefusal(refusal)) throw refusal
        const { at } = extra
        const bad = await findRefused(events, (part) => addEvents(source, part, { at }, true))
        const { malformed, unkept } = await keepable(extra.malformed ?? [], (part) =>
          addEvents(source, [], { at, malformed: part }, true),
        )
        if (bad.size + unkept === 0) throw refusal
        const setAside = [...bad].map(([event, error]) => itemOf(event.id, event.row, error, at))
        const good = events.filter((event) => !bad.has(event))
        const result = await addEvents(source, good, { ...extra, malformed: [...malformed, ...setAside] }, false)
        return { ...result, setAside }
      }
    },
  }
}

/** Of what is refused even as an item that cannot be read, only that there was one is kept. */
async function keepable(items: readonly Malformed[], store: (part: Malformed[]) => Promise<unknown>) {
  const bad = await findRefused(items, store)
  const malformed = items.map((item): Malformed => {
    const refusal = bad.get(item)
    return refusal ? { ...item, problem: whyOf(refusal), body: '' } : item
  })
  return { malformed, unkept: bad.size }
}

export const whyOf = (error: Error) =>
  `the database refuses it (${redact(error.message).replaceAll('\0', '').slice(0, 200).toWellFormed()})`

/** Of its texts only how long they are: they may be what is refused. */
function itemOf(id: string, { outcome, n, slice, reply }: CounterRow, error: Error, at: Date): Malformed {
  const lengths = Object.fromEntries(Object.entries(slice).map(([name, text]) => [name, text.length]))
  const body = JSON.stringify({ outcome, n, characters: { ...lengths, template: reply?.template.length ?? 0 } })
  return { id, at, problem: whyOf(error), body }
}
