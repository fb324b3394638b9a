/** Sets of ways of saying under one number each; the same set has the same number. A way is one word or several. */
export interface Symbols {
  of(ways: readonly (readonly number[])[]): number
  count(): number
  /** For each word the sets that it is in: those in which it stands by itself, or one of its prefixes does. */
  byWord(words: number, prefixesOf: (word: number) => readonly number[]): number[][]
  /** The ways of several words, and the sets that each is in. */
  collocations(): { way: readonly number[]; symbols: readonly number[] }[]
}

export function createSymbols(): Symbols {
  const numbers = new Map<string, number>()
  const members: string[][] = []

  /** Each way, as its words with blanks between, and the sets that it is in. */
  function byWay(): Map<string, number[]> {
    const symbolsOf = new Map<string, number[]>()
    members.forEach((set, symbol) => {
      for (const way of set) {
        const symbols = symbolsOf.get(way)
        if (symbols) symbols.push(symbol)
        else symbolsOf.set(way, [symbol])
      }
    })
    return symbolsOf
  }

  return {
    of(ways) {
      const set = [...new Set(ways.map((way) => way.join(' ')))].sort()
      const key = set.join()
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, members.length)
      return members.push(set) - 1
    },
    count: () => members.length,
    byWord(words, prefixesOf) {
      const symbolsOf = byWay()
      return Array.from({ length: words }, (_, word) => [
        ...new Set([word, ...(word === 0 ? [] : prefixesOf(word))].flatMap((one) => symbolsOf.get(String(one)) ?? [])),
      ])
    },
    collocations: () =>
      Array.from(byWay(), ([way, symbols]) => ({ way: way.split(' ').map(Number), symbols })).filter(
        ({ way }) => way.length > 1,
      ),
  }
}
