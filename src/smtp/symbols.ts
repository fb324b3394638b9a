/** Sets of words under one number each; the same set has the same number. */
export interface Symbols {
  of(words: number[]): number
  count(): number
  /** Fixes the sets: a word is in every set in which one of its prefixes is. */
  inherit(words: number, prefixesOf: (word: number) => number[]): void
  ofWord(word: number): readonly number[]
}

export function createSymbols(): Symbols {
  const numbers = new Map<string, number>()
  const members: number[][] = []
  let byWord: number[][] = []
  return {
    of(words: number[]): number {
      const key = [...new Set(words)].sort((a, b) => a - b).join()
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, members.length)
      return members.push([...words]) - 1
    },
    count: () => members.length,
    inherit(words: number, prefixesOf: (word: number) => number[]) {
      byWord = Array.from({ length: words }, () => [])
      members.forEach((set, symbol) => {
        for (const word of new Set(set)) byWord[word]!.push(symbol)
      })
      const own = byWord.map((row) => [...row])
      for (let word = 1; word < words; word++)
        byWord[word] = [...new Set([...own[word]!, ...prefixesOf(word).flatMap((stem) => own[stem]!)])]
    },
    ofWord: (word: number) => byWord[word]!,
  }
}
