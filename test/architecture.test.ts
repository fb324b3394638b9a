import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

interface Import {
  file: string
  target: string
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const specifiers = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ]
  return specifiers.map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ''
    const target = specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier
    return { file, target }
  })
}

const all = ['src', 'adapters', 'migrations'].flatMap(filesUnder).flatMap(importsOf)
const from = (prefix: string) => all.filter(({ file }) => file.startsWith(prefix))
const breaches = (imports: Import[], allowed: (target: string, file: string) => boolean) =>
  imports.filter(({ file, target }) => !allowed(target, file)).map(({ file, target }) => `${file} imports ${target}`)
const startsWithAny = (target: string, prefixes: string[]) => prefixes.some((prefix) => target.startsWith(prefix))

// What each room of the pure domain may look at: itself and what lies upstream of it.
const domain = {
  'src/smtp/': ['src/smtp/', 'zod', 'leven'],
  'src/lookup/': ['src/lookup/', 'src/smtp/', 'leven', 'zod'],
  'src/detect/': ['src/detect/', 'src/smtp/', 'zod'],
  'src/alert-rules/': [
    'src/alert-rules/',
    'src/detect/',
    'src/smtp/',
    'src/ports/errors.ts',
    'src/lib/schema-problems.ts',
    'src/lib/yaml-text.ts',
    'zod',
  ],
  'src/incident/': ['src/incident/', 'src/detect/', 'src/smtp/', 'src/time/units.ts', 'zod'],
  'src/cards/': [
    'src/cards/',
    'src/incident/',
    'src/alert-rules/',
    'src/detect/',
    'src/lookup/',
    'src/smtp/',
    'src/time/units.ts',
    'zod',
  ],
}

test.each(Object.entries(domain))('%s is pure and looks upstream only', (room, allowed) => {
  expect(breaches(from(room), (target) => startsWithAny(target, allowed))).toEqual([])
})

test('the pure domain reads no clock, environment or randomness', () => {
  const impure = Object.keys(domain)
    .flatMap(filesUnder)
    .filter((file) =>
      /\bprocess\.|Date\.now\(|new Date\(\)|Math\.random\(|\bfetch\(/.test(readFileSync(join(root, file), 'utf8')),
    )
  expect(impure).toEqual([])
})

test('ports import only types', () => {
  const values = filesUnder('src/ports').flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^import (?!type\b).*$/gm)].map(([line]) => `${file}: ${line}`),
  )
  expect(values).toEqual([])
})

test('adapters know ports, cards, redact and lib, never each other and never the store', () => {
  const own = (file: string) => file.split('/').slice(0, 3).join('/')
  const allowed = [
    'src/ports/',
    'src/cards/card.ts',
    'src/cards/paragraph.ts',
    'src/cards/text.ts',
    'src/smtp/redact.ts',
    'src/lib/',
    // Times of logs are local times.
    'src/config/zoned-time.ts',
    'src/time/',
  ]
  expect(
    breaches(from('adapters/'), (target, file) => {
      if (!target.startsWith('src/') && !target.startsWith('adapters/')) return true
      if (startsWithAny(target, allowed)) return true
      if (/^adapters\/\w+\/index\.ts$/.test(file)) return target.startsWith(dirname(file))
      return target.startsWith(`${own(file)}/`)
    }),
  ).toEqual([])
})

test('only main.ts knows adapters and the store', () => {
  const outside = all.filter(
    ({ file }) => file.startsWith('src/') && !file.startsWith('src/store/') && file !== 'src/main.ts',
  )
  expect(breaches(outside, (target) => !startsWithAny(target, ['adapters/', 'src/store/']))).toEqual([])
})

test('only the store knows the database and pg-boss', () => {
  const libraries = ['pg', 'pg-boss', 'kysely', '@electric-sql/pglite']
  const outside = all.filter(({ file }) => file.startsWith('src/') && !file.startsWith('src/store/'))
  expect(breaches(outside, (target) => !libraries.includes(target.split('/migration')[0]!))).toEqual([])
})

test('the store knows ports, what it stores, lib and the migrations', () => {
  const domain = ['src/cards/', 'src/incident/', 'src/detect/', 'src/smtp/', 'src/lookup/']
  const allowed = ['src/store/', 'src/time/', 'src/ports/', 'src/lib/', 'migrations/', ...domain]
  const own = from('src/store/').filter(
    ({ target }) => target.includes('/') && /^(src|adapters|migrations)/.test(target),
  )
  expect(breaches(own, (target) => startsWithAny(target, allowed))).toEqual([])
})

test('ports know the domain and each other', () => {
  const allowed = [
    'src/ports/',
    'src/cards/card.ts',
    'src/incident/',
    'src/detect/',
    'src/smtp/',
    'src/lookup/',
    'zod',
    'node:',
  ]
  expect(breaches(from('src/ports/'), (target) => startsWithAny(target, allowed))).toEqual([])
})

test('jobs and commands know domain, ports and lib', () => {
  const domain = ['src/cards/', 'src/incident/', 'src/alert-rules/', 'src/detect/', 'src/smtp/', 'src/lookup/']
  const allowed = ['src/jobs/', 'src/time/', 'src/ports/', 'src/lib/', 'src/knowledge/', ...domain]
  const inner = (prefix: string) => from(prefix).filter(({ target }) => target.startsWith('src/'))
  expect(breaches(inner('src/jobs/'), (target) => startsWithAny(target, allowed))).toEqual([])
  expect(breaches(inner('src/commands/'), (target) => startsWithAny(target, [...allowed, 'src/commands/']))).toEqual([])
})

test('nothing but main.ts, serve.ts, app.ts and http.ts stands loose in src', () => {
  const loose = filesUnder('src').filter((file) => file.split('/').length === 2)
  expect(loose.toSorted()).toEqual(['src/app.ts', 'src/http.ts', 'src/main.ts', 'src/serve.ts'])
})

/** Groups of nodes each of which can be reached from each other (Tarjan). */
function circlesIn(edges: readonly (readonly [string, string])[]): string[][] {
  const next = new Map<string, Set<string>>()
  for (const [a, b] of edges) {
    if (a === b) continue
    next.set(a, (next.get(a) ?? new Set()).add(b))
    next.set(b, next.get(b) ?? new Set())
  }
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (node: string) => {
    index.set(node, index.size)
    low.set(node, index.get(node)!)
    stack.push(node)
    for (const target of next.get(node)!) {
      if (!index.has(target)) visit(target)
      if (stack.includes(target)) low.set(node, Math.min(low.get(node)!, low.get(target)!))
    }
    if (low.get(node) !== index.get(node)) return
    const circle = stack.splice(stack.indexOf(node))
    if (circle.length > 1) circles.push(circle.toSorted())
  }
  for (const node of next.keys()) if (!index.has(node)) visit(node)
  return circles
}

const inner = all.filter(({ target }) => target.endsWith('.ts')).map(({ file, target }) => [file, target] as const)
/** What stands loose in src composes rooms and is none. */
const roomOf = (file: string) => (/^src\/[^/]+$/.test(file) ? file : dirname(file))

test('a circle is found', () => {
  expect(
    circlesIn([
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
      ['c', 'd'],
    ]),
  ).toEqual([['b', 'c']])
})

test('no files import each other in a circle, types included', () => {
  expect(circlesIn(inner)).toEqual([])
})

test('no folders import each other in a circle, types included', () => {
  expect(circlesIn(inner.map(([file, target]) => [roomOf(file), roomOf(target)] as const))).toEqual([])
})

test('migrations know nothing but kysely', () => {
  expect(breaches(from('migrations/'), (target) => target === 'kysely' || target.startsWith('migrations/'))).toEqual([])
})

test('no file is called for what it is not', () => {
  const vague = ['src', 'adapters', 'migrations', 'test']
    .flatMap(filesUnder)
    .filter((file) => /utils?|helpers?|manager|service|misc|common/i.test(file))
  expect(vague).toEqual([])
})

test('no default exports, enums, decorators or base classes', () => {
  const found = ['src', 'adapters', 'migrations']
    .flatMap(filesUnder)
    .filter((file) =>
      /^export default|^(export )?(const )?enum |^\s*@\w+\(|^(export )?abstract class/m.test(
        readFileSync(join(root, file), 'utf8'),
      ),
    )
  expect(found).toEqual([])
})
