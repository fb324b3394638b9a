/** Sets of ways of saying under one number each; the same set has the same number. A way is one word or several. */
export interface Symbols {
  of(ways: readonly (readonly number[])[]): number
  count(): number
  /** Which sets every word and every way of several words is in. */
  members(words: number, prefixesOf: (word: number) => readonly number[]): Members
}

interface Members {
  /** For each word the sets in which it stands by itself, or one of its prefixes does. */
  words: readonly number[][]
  collocations: readonly { way: readonly number[]; symbols: readonly number[] }[]
}

export function createSymbols(): Symbols {
  const numbers = new Map<string, number>()
  const sets: string[][] = []
  return {
    of(ways) {
      const set = [...new Set(ways.map((way) => way.join(' ')))].sort()
      const key = set.join()
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, sets.length)
      return sets.push(set) - 1
    },
    count: () => sets.length,
    members(words, prefixesOf) {
      const byWay = new Map<string, number[]>()
      sets.forEach((set, symbol) => {
        for (const way of set) {
          const symbols = byWay.get(way)
          if (symbols) symbols.push(symbol)
          else byWay.set(way, [symbol])
        }
      })
      return {
        words: Array.from({ length: words }, (_, word) => [
          ...new Set([word, ...(word === 0 ? [] : prefixesOf(word))].flatMap((one) => byWay.get(String(one)) ?? [])),
        ]),
        collocations: Array.from(byWay, ([way, symbols]) => ({ way: way.split(' ').map(Number), symbols })).filter(
          ({ way }) => way.length > 1,
        ),
      }
    },
  }
}
