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
  'src/incident/': ['src/incident/', 'src/detect/', 'src/smtp/', 'zod'],
  'src/cards/': ['src/cards/', 'src/incident/', 'src/detect/', 'src/lookup/', 'src/smtp/', 'src/ports/', 'zod'],
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

test('only main.ts and the demo know adapters and the store', () => {
  const outside = all.filter(
    ({ file }) => file.startsWith('src/') && !file.startsWith('src/store/') && file !== 'src/main.ts',
  )
  expect(breaches(outside, (target) => !startsWithAny(target, ['adapters/', 'src/store/']))).toEqual([])
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
