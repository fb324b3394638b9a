/** A run of lines of a paragraph: words, or a list where the card numbers or dots its lines, with the line that heads it. */
export type Run =
  | { kind: 'words'; text: string }
  | { kind: 'heading'; text: string }
  | { kind: 'list'; ordered: boolean; items: string[] }

const NUMBERED = /^\d{1,2}\. (.+)$/
const DOTTED = /^• (.+)$/

/** Cards are plain text; where it has the form of a list, a platform can show one. */
export function runsOf(paragraph: string): Run[] {
  const runs: Run[] = []
  for (const line of paragraph.split('\n')) {
    const last = runs.at(-1)
    const ordered = NUMBERED.test(line)
    const item = (NUMBERED.exec(line) ?? DOTTED.exec(line))?.[1]
    if (item === undefined) {
      if (last?.kind === 'words') last.text += `\n${line}`
      else runs.push({ kind: 'words', text: line })
    } else if (last?.kind === 'list' && last.ordered === ordered) last.items.push(item)
    else runs.push({ kind: 'list', ordered, items: [item] })
  }
  return runs.map((run, i) => (heads(run, runs[i + 1]) ? { kind: 'heading', text: run.text } : run))
}

function heads(run: Run, next: Run | undefined): run is Run & { kind: 'words' } {
  return run.kind === 'words' && next?.kind === 'list' && /^.+:$/.test(run.text)
}
