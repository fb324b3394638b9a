/** Comments, quoted text, and white space: what is none of these is code that may be set closer together. */
const PARTS =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[dgimsuvy]+)|\s+/g
/** Whole statements, from the beginning of a line: their names count, the paths and the order of them do not. */
const IMPORT = /^import\s+(?:\w+|\*\s+as\s+\w+|\{([^}]*)\})\s+from\s+'([^']+)'$/gm
const TYPES =
  /^(?:export )?(?:interface \w[\s\S]*?\n\}|type \w+(?:<[^=]*>)? =[\s\S]*?(?=\n\n|\n(?:export|const|function|\/\*\*|\/\/)|(?![\s\S])))/gm

/** The files that a module takes values from: relative paths, as they stand in it. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].filter(([, names]) => valuesOf(names).length > 0).map(([, , path]) => path!)
}

/** What of a module can change what it does: not its comments, types, layout, nor where its imports are. */
export function codeOf(text: string): string {
  const names = [...text.matchAll(IMPORT)].flatMap(([, list]) => valuesOf(list)).sort()
  return `${names.join(',')}\n${closeUp(bodyOf(text))}`
}

/** A module without imports, comments and types of its own. */
export const bodyOf = (text: string): string =>
  text
    .replace(/^import type [\s\S]*? from '[^']+'$/gm, '')
    .replace(IMPORT, '')
    .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/[^\n]*$/gm, '')
    .replace(TYPES, '')

/** `type` imports are no values. */
const valuesOf = (list = ''): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))

const closeUp = (code: string): string => {
  const texts: string[] = []
  const bare = code.replace(PARTS, (_, quoted: string | undefined) =>
    quoted === undefined ? ' ' : `\uE000${texts.push(quoted) - 1}\uE000`,
  )
  return bare
    .replace(/ *([^\w$\s]) */g, '$1')
    .replace(/,(?=[)\]}])/g, '')
    .replace(/\uE000(\d+)\uE000/g, (_, at: string) => texts[Number(at)]!)
    .trim()
}
