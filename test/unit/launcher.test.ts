import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url).pathname
const launcher = join(root, 'bin/bouncebell.js')
const cwd = mkdtempSync(join(tmpdir(), 'bouncebell-launcher-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** Node.js as an older one would be, seen from the launcher; and the system's, where that is an older one. */
const AS_OLD = [
  process.execPath,
  '--import',
  'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})',
]
const ofTheSystem = spawnSync('/usr/bin/node', ['-p', 'process.versions.node'], { encoding: 'utf8' })
const isOld = ofTheSystem.status === 0 && Number.parseInt(ofTheSystem.stdout, 10) < 24
const nodes: [string, string[]][] = [
  ['a Node.js that says it is 20.1.0', AS_OLD],
  ['this Node.js', [process.execPath]],
  ...(isOld ? [[`the system's ${ofTheSystem.stdout.trim()}`, ['/usr/bin/node']] satisfies [string, string[]]] : []),
]

const run = ([file = '', ...args]: string[], ...more: string[]) =>
  spawnSync(file, [...args, ...more], { cwd, encoding: 'utf8' })

/** An installation with a program that waits for a signal, and with or without a Node.js of its own. */
function installation({ hasNode }: { hasNode: boolean }): string {
  const folder = mkdtempSync(join(cwd, 'installation-'))
  mkdirSync(join(folder, 'src'), { recursive: true })
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(folder, 'src/main.ts'),
    `const code: number = 7
process.on('SIGTERM', () => process.exit(code))
setInterval(() => {}, 1000)
process.stdout.write('ready')`,
  )
  if (hasNode) {
    mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/node/package.json'), '{"name":"node"}')
    symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'))
  }
  return join(folder, 'bin/bouncebell.js')
}

it('an older Node.js ends the one it started where that does not hear SIGTERM', { timeout: 60_000 }, async () => {
  const program = installation({ hasNode: true })
  const stuck = "process.stdout.write('ready', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))"
  writeFileSync(join(program, '../../src/main.ts'), `process.on('SIGTERM', () => {})\n${stuck}`)
  const [file = '', ...args] = AS_OLD
  const child = spawn(file, [...args, program], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
})

describe.each(nodes)('bouncebell, started by %s', (_, node) => {
  it('runs, and passes arguments and exit codes on', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(run(node, launcher, '--version')).toMatchObject({ status: 0, stdout: `${version}\n` })
    expect(run(node, launcher, 'explain', '--json', '550 5.1.1 No such "user"').stdout).toContain('recipient-unknown')
    expect(run(node, launcher, 'srve').status).toBe(2)
  })

  it.each([
    ['SIGTERM', 7, null],
    ['SIGINT', null, 'SIGINT'],
  ] as const)('passes %s on, and ends as the program does', async (signal, code, by) => {
    const [file = '', ...args] = node
    const child = spawn(file, [...args, installation({ hasNode: true })], { cwd })
    await once(child.stdout, 'data')
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([code, by])
  })
})

describe('bouncebell without the Node.js it needs', () => {
  it('says in one sentence what is needed', () => {
    const { status, stderr } = run(AS_OLD, installation({ hasNode: false }))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^This is Node\.js 20\.1\.0\. Bouncebell needs Node\.js 24 or later: install it, .*\n$/)
  })
})

describe('what starts Bouncebell', () => {
  it('is the launcher, in package.json, the image and the documentation', () => {
    const read = (name: string) => readFileSync(join(root, name), 'utf8')
    const { bin, scripts } = JSON.parse(read('package.json')) as { bin: object; scripts: Record<string, string> }
    expect(bin).toEqual({ bouncebell: 'bin/bouncebell.js' })
    expect(scripts.start).toBe('node bin/bouncebell.js')
    for (const name of ['README.md', 'CONTRIBUTING.md', 'Dockerfile', 'docs/running.md', '.github/workflows/ci.yml'])
      expect(read(name)).not.toContain('node src/main.ts')
  })
})
